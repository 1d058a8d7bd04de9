import type { ProbedNode, ProbedWay, ProbeReport } from '@culvert/contracts';
import type { Command } from 'commander';
import { colors } from '../colors.ts';
import type { CommandContext } from '../command-context.ts';
import { json, table } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

/** `culvert probes`. */
export function addProbes(program: Command, context: CommandContext): void {
  withTarget(program.command('probes').description('what the cluster’s own probes through gateways and workers found'))
    .addHelpText('after', '\nTimes are of one HTTP request, ms. Exit code 0, whatever was found.\n')
    .action((flags: TargetFlags) => probes(flags, context));
}

async function probes(flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const report = await (await openApi(flags)).call<ProbeReport>('GET', '/probes');
  stdout.write(flags.json ? json(report) : probesText(report));
}

/** Gateways by workers, and what is wrong. */
export function probesText({ at, everyMs, nodes, ways }: ProbeReport): string {
  if (at === null) {
    return 'There are no probes: no deploy worker is at work, or it was started with --probe-every 0s.\n';
  }
  const down = nodes.filter(({ state }) => state === 'down');
  const head = `Last round ${at}${everyMs === null ? '' : `, every ${everyMs / 1_000} s`}: `;
  const verdict =
    down.length === 0 ? colors.green('all is well') : colors.red(`${down.length} of ${nodes.length} down`);
  return `${head}${verdict}\n\n${matrix(ways)}${failures(nodes)}`;
}

function matrix(ways: readonly ProbedWay[]): string {
  const gateways = [...new Set(ways.flatMap(({ gateway }) => gateway ?? []))].sort();
  const workers = [...new Set(ways.map(({ worker }) => worker))].sort();
  const through = (gateway: string | null, worker: string): string => {
    const way = ways.find((one) => one.gateway === gateway && one.worker === worker);
    if (way === undefined) return '-';
    return way.failure === null ? String(way.ms.http ?? '-') : way.failure.code;
  };
  const columns = [
    { title: 'WORKER', value: (worker: string) => worker },
    { title: 'DIRECT', value: (worker: string) => through(null, worker), right: true },
    ...gateways.map((gateway) => ({
      title: gateway.toUpperCase(),
      value: (worker: string) => through(gateway, worker),
      right: true,
    })),
  ];
  return table(workers, columns, 'Nothing was probed: no worker is ready.');
}

function failures(nodes: readonly ProbedNode[]): string {
  const failed = nodes.filter(({ lastFailure }) => lastFailure !== null);
  if (failed.length === 0) return '';
  const lines = failed.map(({ id, role, state, lastFailure }) => {
    const when = state === 'down' ? colors.red('down') : 'last failure';
    return `${role} ${id}: ${when}, ${lastFailure?.at} (${lastFailure?.check}, ${lastFailure?.code}): ${lastFailure?.message}\n`;
  });
  return `\n${lines.join('')}`;
}
