import { writeFile } from 'node:fs/promises';
import type { SloReport } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

interface SloFlags extends TargetFlags {
  readonly window?: string;
  readonly from?: string;
  readonly to?: string;
  readonly tenant?: string;
}

interface RulesFlags extends TargetFlags {
  readonly out?: string;
}

/** `culvert slo`, `culvert slo rules`. */
export function addSlo(program: Command, context: CommandContext): void {
  const slo = withTarget(
    program.command('slo').description('show availability and reliability against what is promised'),
  )
    .option('--window <time>', 'look back over 5m, 30m, 1h, 6h, 1d, 3d, 7d, 30d or 90d; default: as the objectives say')
    .option('--from <time>', 'instead: from this time on, ISO 8601')
    .option('--to <time>', 'up to this time')
    .option('--tenant <id>', 'of this tenant only')
    .enablePositionalOptions()
    .action((flags: SloFlags) => report(flags, context));
  withTarget(slo.command('rules').description('print alert rules for Prometheus, made from the same objectives'))
    .option('--out <file>', 'write them to this file')
    .action((flags: RulesFlags) => rules(flags, context));
}

async function report(flags: SloFlags, { stdout }: CommandContext): Promise<void> {
  const asked = Object.entries({ window: flags.window, from: flags.from, to: flags.to, tenant: flags.tenant });
  const query = new URLSearchParams(asked.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const api = await openApi(flags);
  const answer = await api.call<SloReport>('GET', `/slo${query.size > 0 ? `?${query}` : ''}`);
  if (flags.json) {
    stdout.write(json(answer));
    return;
  }
  const { tellReport } = await import('../slo/words.ts');
  stdout.write(tellReport(answer));
}

async function rules({ out, ...flags }: RulesFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const yaml = await api.call<string>('GET', '/slo/rules');
  if (out === undefined) {
    stdout.write(flags.json ? json({ rules: yaml }) : yaml);
    return;
  }
  await writeFile(out, yaml);
  stdout.write(flags.json ? json({ out }) : `wrote ${out}\n`);
}
