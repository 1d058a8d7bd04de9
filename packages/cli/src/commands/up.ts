import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CulvertError } from '@culvert/base';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ExitWith } from '../failure.ts';
import { optionValue } from '../option-value.ts';
import { JsonProgress, type Progress, TextProgress } from '../up/progress.ts';
import { onStopSignals } from '../up/stop-signals.ts';

interface UpFlags {
  readonly workers: string;
  readonly gateways: string;
  readonly apis: string;
  readonly demo: boolean;
  readonly restart: boolean;
  readonly dataDir: string;
  readonly chaos?: boolean;
  readonly json?: boolean;
}

/** More processes than this on one machine is a typing error. */
const MAX_NODES = 64;
/** Often enough for a person who looks to see that it works. */
const PROBE_EVERY_MS = 10_000;

/** `culvert up`: a whole cluster in the foreground, until Ctrl-C. */
export function addUp(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('run a whole cluster on this machine, in the foreground')
    .option('--workers <n>', 'how many workers', '3')
    .option('--gateways <n>', 'how many gateways', '1')
    .option('--apis <n>', 'how many APIs', '1')
    .option('--no-demo', 'without the demo app and its agent')
    .option('--no-restart', 'leave processes that end unasked where they are')
    .option('--chaos', 'let failures be rehearsed on it (culvert chaos)')
    .option('--data-dir <dir>', 'where everything of this cluster is kept', '.culvert')
    .option('--json', 'print one event per line as JSON, the last being `ready`')
    .addHelpText(
      'after',
      `
Environment: CULVERT_REDIS_URL uses a Redis that runs already (CULVERT_REDIS_PREFIX: first part of its keys);
CULVERT_SECRET is the cluster's secret, one is made in the data folder otherwise; CULVERT_LOG_LEVEL for all processes.`,
    )
    .action((flags: UpFlags) => up(flags, context));
}

async function up(flags: UpFlags, context: CommandContext): Promise<void> {
  const [{ startCluster }, { integer }] = await Promise.all([import('@culvert/local'), import('@culvert/service')]);
  const count = (flag: string, given: string, least: number): number =>
    optionValue(flag, given, integer(least, MAX_NODES)) ?? least;
  const progress: Progress = flags.json ? new JsonProgress(context.stdout) : new TextProgress(context);
  const env = process.env;
  const stopping = new AbortController();
  const hurry = new AbortController();
  const unlisten = onStopSignals(
    (why) => stopping.abort(new CulvertError('shutting_down', why)),
    () => hurry.abort(),
  );
  try {
    const cluster = await startCluster({
      entry: context.entry,
      dataDir: flags.dataDir,
      cacheDir: cacheDir(flags.dataDir),
      workers: count('--workers', flags.workers, 1),
      gateways: count('--gateways', flags.gateways, 1),
      apis: count('--apis', flags.apis, 1),
      demo: flags.demo,
      restart: flags.restart,
      chaos: flags.chaos === true,
      probeEveryMs: PROBE_EVERY_MS,
      ...(env.CULVERT_REDIS_URL ? { redisUrl: env.CULVERT_REDIS_URL } : {}),
      ...(env.CULVERT_REDIS_PREFIX ? { redisPrefix: env.CULVERT_REDIS_PREFIX } : {}),
      ...(env.CULVERT_SECRET ? { secret: env.CULVERT_SECRET } : {}),
      onEvent: (event) => progress.show(event),
      signal: stopping.signal,
    });
    progress.ready(cluster.describe());
    await aborted(stopping.signal);
    progress.stopping();
    hurry.signal.addEventListener('abort', () => void cluster.kill());
    await cluster.stop();
    progress.stopped();
    throw new ExitWith(hurry.signal.aborted ? 130 : 0);
  } catch (error) {
    // Ctrl-C during the start: nothing is left, and that is what was asked for.
    if (error !== stopping.signal.reason) throw error;
    progress.stopped();
    throw new ExitWith(130);
  } finally {
    unlisten();
  }
}

/** A Redis that had to be fetched serves every cluster of a checkout, whatever its data folder. */
function cacheDir(dataDir: string): string {
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, 'setup', 'run.mjs'))) return join(folder, '.culvert');
  }
  return dataDir;
}

/** Keeps the process alive meanwhile, even when every child has died: a person decides when it ends. */
async function aborted(signal: AbortSignal): Promise<void> {
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(keepAlive);
}
