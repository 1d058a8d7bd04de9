import type { ChaosBody, ChaosFault, ChaosRun, ChaosRunList, Network } from '@culvert/contracts';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';
import { addRun, type RunFlags, runFlags, startRun } from './chaos-run.ts';

const TARGET = 'worker, gateway, api or deployer: any of them; or the id of a node';
const MAX_FAULT = [100, 600_000] as const;

interface FaultFlags extends RunFlags {
  readonly percent?: string;
  readonly for?: string;
  readonly from?: Network;
  readonly what?: Network;
  readonly reset?: boolean;
  readonly by?: string;
  readonly jitter?: string;
  readonly bandwidth?: string;
  readonly empty?: boolean;
  readonly down?: string;
}

/** `culvert chaos kill|freeze|cut|slow|restart-redis|run|random|ls|show|stop`. */
export function addChaos(program: Command, context: CommandContext): void {
  const chaos = program
    .command('chaos')
    .description('rehearse failures on a local or staging cluster, and see what users would have noticed');
  chaos.addHelpText('after', '\nOnly nodes that were started with --chaos take part (culvert up --chaos).');
  addFaults(chaos, context);
  addRun(chaos, context);
  addLook(chaos, context);
}

function addFaults(chaos: Command, context: CommandContext): void {
  const network = (flag: string, words: string): Option =>
    new Option(`${flag} <network>`, words).choices(['redis', 'links', 'both']).makeOptionMandatory();
  const fault = (name: string, words: string): Command =>
    runFlags(chaos.command(`${name} <target>`).description(words))
      .option('--percent <n>', 'of the nodes of a role; one node unless given, never the last one')
      .addHelpText('after', `\n<target>: ${TARGET}`)
      .action((word: string, flags: FaultFlags) => once(name, word, flags, context));
  fault('kill', 'end a process as kill -9 does');
  fault('freeze', 'let a process stand still').requiredOption('--for <duration>', 'how long, up to 60s');
  fault('cut', 'take the network away from a process')
    .addOption(network('--from', 'from Redis, its links, or both'))
    .requiredOption('--for <duration>', 'how long, up to 10m')
    .option('--reset', 'break connections off; unless given nothing passes and nothing is said');
  fault('slow', 'make the network of a process slow')
    .addOption(network('--what', 'the way to Redis, its links, or both').default('links'))
    .requiredOption('--by <duration>', 'each way, up to 10s')
    .option('--jitter <duration>', 'up to so much more')
    .option('--bandwidth <bytes>', 'bytes a second of each connection')
    .requiredOption('--for <duration>', 'how long, up to 10m');
  runFlags(chaos.command('restart-redis').description('end Redis as kill -9 does, and start it again'))
    .option('--empty', 'without its data')
    .option('--down <duration>', 'how long it is away, up to 60s')
    .action((flags: FaultFlags) => once('restart-redis', '', flags, context));
}

async function once(name: string, word: string, flags: FaultFlags, context: CommandContext): Promise<void> {
  const body: ChaosBody = { steps: [{ fault: await faultOf(name, word, flags) }] };
  await startRun(body, flags, context);
}

async function faultOf(name: string, word: string, flags: FaultFlags): Promise<ChaosFault> {
  const { duration, integer } = await import('@culvert/service');
  const { targetOf } = await import('../chaos/plan.ts');
  const ms = (flag: string, given: string | undefined, least: number, most: number): number =>
    optionValue(flag, given, duration(least, most)) ?? least;
  if (name === 'restart-redis') {
    const downMs = ms('--down', flags.down, 0, 60_000);
    return { type: 'restart_redis', empty: flags.empty === true, downMs };
  }
  const target = targetOf(word, optionValue('--percent', flags.percent, integer(1, 100)));
  const durationMs = ms('--for', flags.for, MAX_FAULT[0], name === 'freeze' ? 60_000 : MAX_FAULT[1]);
  switch (name) {
    case 'kill':
      return { type: 'kill', target };
    case 'freeze':
      return { type: 'freeze', target, durationMs };
    case 'cut':
      return { type: 'cut', target, from: flags.from ?? 'both', durationMs, reset: flags.reset === true };
    default: {
      const bytesPerSecond = optionValue('--bandwidth', flags.bandwidth, integer(1_024, 10_000_000_000));
      return {
        ...{ type: 'slow', target, what: flags.what ?? 'links', durationMs },
        byMs: ms('--by', flags.by, 0, 10_000),
        jitterMs: ms('--jitter', flags.jitter, 0, 10_000),
        ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
      };
    }
  }
}

function addLook(chaos: Command, { stdout }: CommandContext): void {
  withTarget(chaos.command('ls').description('list rehearsals')).action(async (flags: TargetFlags) => {
    const { listing } = await import('../chaos/words.ts');
    const answer = await (await openApi(flags)).call<ChaosRunList>('GET', '/chaos');
    stdout.write(flags.json ? json(answer) : listing(answer.items));
  });
  withTarget(chaos.command('show <id>').description('show the report of one')).action(
    async (id: string, flags: TargetFlags) => {
      const { report } = await import('../chaos/words.ts');
      const run = await (await openApi(flags)).call<ChaosRun>('GET', `/chaos/${encodeURIComponent(id)}`);
      stdout.write(flags.json ? json(run) : report(run));
    },
  );
  withTarget(chaos.command('stop [id]').description('stop the one under way, and end what it has begun')).action(
    async (id: string | undefined, flags: TargetFlags) => {
      const api = await openApi(flags);
      const under = async (): Promise<string | undefined> =>
        (await api.call<ChaosRunList>('GET', '/chaos')).items.find(({ state }) => state === 'running')?.id;
      const meant = id ?? (await under());
      if (meant === undefined) {
        stdout.write(flags.json ? json(null) : 'No rehearsal is under way.\n');
        return;
      }
      const run = await api.call<ChaosRun>('DELETE', `/chaos/${encodeURIComponent(meant)}`);
      stdout.write(flags.json ? json(run) : `${run.id} is to stop\n`);
    },
  );
}
