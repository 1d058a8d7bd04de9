import { readFile } from 'node:fs/promises';
import { CulvertError } from '@culvert/base';
import type { ChaosBody, ChaosLimits, ChaosRun } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { EXIT, ExitWith } from '../failure.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';
import { onStopSignals } from '../up/stop-signals.ts';

const HOUR_MS = 3_600_000;

/** The options of everything that begins a rehearsal. */
export interface RunFlags extends TargetFlags {
  readonly force?: boolean;
  readonly wait: boolean;
  readonly maxLost?: string;
  readonly maxGap?: string;
  readonly maxRecovery?: string;
  readonly recover?: string;
}

export function runFlags(command: Command): Command {
  return withTarget(command)
    .option('--force', 'also when the cluster is not well')
    .option('--max-lost <n>', 'connections that may be lost; none unless given')
    .option('--max-gap <duration>', 'p99 of the time without a path; what docs/CHAOS.md promises unless given')
    .option('--max-recovery <duration>', 'from a fault until all is well; what docs/CHAOS.md promises unless given')
    .option('--recover <duration>', 'how long a recovery is waited for; 2m unless given')
    .option('--no-wait', 'only begin it');
}

/** `culvert chaos run PLAN.json` and `culvert chaos random`. */
export function addRun(chaos: Command, context: CommandContext): void {
  runFlags(chaos.command('run <plan>').description('carry out a plan: a JSON file, as POST /v1/chaos takes it')).action(
    async (file: string, flags: RunFlags) => startRun(await readPlan(file), flags, context),
  );
  runFlags(chaos.command('random').description('carry out random faults, one in each period'))
    .requiredOption('--every <duration>', 'one fault in so long, such as 10m')
    .requiredOption('--for <duration>', 'how long in all, such as 2h')
    .option('--seed <n>', 'the same seed gives the same faults')
    .option('--no-redis', 'leave Redis alone')
    .action(async (flags: RunFlags & { every: string; for: string; seed?: string; redis: boolean }) => {
      const { duration, integer } = await import('@culvert/service');
      const { randomPlan } = await import('../chaos/plan.ts');
      const [made = 0] = crypto.getRandomValues(new Uint32Array(1));
      const plan = randomPlan({
        everyMs: optionValue('--every', flags.every, duration(1_000, HOUR_MS)) ?? HOUR_MS,
        forMs: optionValue('--for', flags.for, duration(1_000, 24 * HOUR_MS)) ?? HOUR_MS,
        seed: optionValue('--seed', flags.seed, integer(0, 4_294_967_295)) ?? made,
        redis: flags.redis,
      });
      await startRun(plan, flags, context);
    });
}

/** Begins a rehearsal, looks on, and reports; exit code 1 when what was promised was not kept. */
export async function startRun(plan: ChaosBody, flags: RunFlags, { stdout, stderr }: CommandContext): Promise<void> {
  const body = { ...plan, ...(await asked(plan, flags)) };
  const api = await openApi(flags);
  const begun = await api.call<ChaosRun>('POST', '/chaos', { body });
  if (!flags.wait) {
    stdout.write(flags.json ? json(begun) : `${begun.id} has begun; culvert chaos show ${begun.id}\n`);
    return;
  }
  const { followRun } = await import('../chaos/follow.ts');
  const { Teller } = await import('../chaos/teller.ts');
  const { report } = await import('../chaos/words.ts');
  const teller = new Teller(flags.json ? stderr : stdout);
  const stop = new AbortController();
  const unlisten = onStopSignals(
    () => stop.abort(),
    () => undefined,
  );
  try {
    const run = await followRun(api, begun, { signal: stop.signal, onLook: (look) => teller.show(look) });
    teller.end();
    stdout.write(flags.json ? json(run) : report(run));
    if (run.state !== 'passed') throw new ExitWith(EXIT.failed);
  } finally {
    unlisten();
  }
}

async function asked({ limits: given }: ChaosBody, flags: RunFlags): Promise<Partial<ChaosBody>> {
  const { duration, integer } = await import('@culvert/service');
  const lost = optionValue('--max-lost', flags.maxLost, integer(0, 1_000_000));
  const gapP99Ms = optionValue('--max-gap', flags.maxGap, duration(1, HOUR_MS));
  const rtoMs = optionValue('--max-recovery', flags.maxRecovery, duration(1, HOUR_MS));
  const recoverMs = optionValue('--recover', flags.recover, duration(1_000, HOUR_MS));
  const limits: ChaosLimits = {
    ...given,
    ...(lost === undefined ? {} : { lost }),
    ...(gapP99Ms === undefined ? {} : { gapP99Ms }),
    ...(rtoMs === undefined ? {} : { rtoMs }),
  };
  return {
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(recoverMs === undefined ? {} : { recoverMs }),
    ...(flags.force === true ? { force: true } : {}),
  };
}

/** What is wrong in it is for the API to say, which knows what it takes. */
async function readPlan(file: string): Promise<ChaosBody> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ChaosBody; // the API checks it
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CulvertError('config_invalid', `${file} is no plan: ${why}`, { cause });
  }
}
