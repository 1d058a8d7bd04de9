import { setTimeout as wait } from 'node:timers/promises';
import { silentLogger } from '@culvert/base';
import { Registry, type RegistryStatus } from '@culvert/registry';
import { sessionId } from './registry-data.ts';
import { between } from './registry-info.ts';
import { Helper } from './registry-jobs.ts';
import { type BenchRedis, startBenchRedis } from './registry-redis.ts';
import { median, spread } from './stats.ts';

const WORKERS = 10;
const PROCESSES = 2;
const ADMIT_DEADLINE_MS = 300_000;
const DEADLINE_MS = 120_000;
const LOOK_EVERY_MS = 50;
const SAMPLE = 500;
const LIMIT_SECONDS = 15;

interface Rebuilt {
  /** From the loss to the first beat, s. */
  readonly noticed: number;
  /** From the first beat to the last entry, s. */
  readonly entries: number;
  /** From the first beat until "not there" means absent again, s. */
  readonly whole: number;
  /** Redis's CPU time from the loss on, s. */
  readonly cpu: number;
}

/** Redis loses everything: how long until ten workers have told it all their sessions again. */
export async function measureRebuild({ rounds, sessions }: { rounds: number; sessions: number }): Promise<string> {
  await using redis = await startBenchRedis();
  await using scope = new AsyncDisposableStack();
  const registry = scope.use(Registry.connect({ url: redis.url, logger: silentLogger }));
  await registry.waitUntilAvailable(AbortSignal.timeout(20_000));
  const perProcess = WORKERS / PROCESSES;
  const each = Math.ceil(sessions / WORKERS);
  process.stderr.write(`bench: rebuild: ${WORKERS} workers claim ${each} sessions each\n`);
  const held = await Promise.all(
    Array.from({ length: PROCESSES }, async (_, i) => {
      const args = [redis.url, String(i * perProcess), String(perProcess)];
      const helper = scope.use(
        await Helper.start<{ from: number; each: number }, number>('registry-healer.ts', ...args),
      );
      return helper.ask({ from: i * perProcess * each, each }, ADMIT_DEADLINE_MS);
    }),
  );
  const total = held.reduce((sum, count) => sum + count, 0);
  await until(
    registry,
    total,
    'the sessions are claimed',
    ({ recovering, sessions: there }) => !recovering && there === total,
  );
  const all: Rebuilt[] = [];
  for (let i = 1; i <= rounds; i += 1) {
    process.stderr.write(`bench: rebuild, round ${i} of ${rounds}\n`);
    all.push(await rebuild(redis, registry, total));
  }
  return report(total, all);
}

async function rebuild({ observer }: BenchRedis, registry: Registry, total: number): Promise<Rebuilt> {
  const before = await observer.use();
  const lostAt = performance.now();
  await observer.call('FLUSHALL');
  const first = await until(registry, total, 'a beat', ({ round }) => round !== null);
  const entries = await until(registry, total, 'all entries', (status) => status.sessions === total);
  const whole = await until(registry, total, 'the end of the round', (status) => !status.recovering);
  const { cpuUs } = between(before, await observer.use());
  for (let i = 0; i < SAMPLE; i += 1) {
    const id = sessionId(Math.floor((i * total) / SAMPLE));
    const view = await registry.getSession(id);
    if (view?.node == null) throw new Error(`session ${id} is not served after the rebuild`);
  }
  const seconds = (from: number, to: number): number => (to - from) / 1_000;
  const began = { noticed: seconds(lostAt, first), entries: seconds(first, entries) };
  return { ...began, whole: seconds(first, whole), cpu: cpuUs / 1e6 };
}

/** The time at which it was so, to LOOK_EVERY_MS. */
async function until(
  registry: Registry,
  total: number,
  what: string,
  isSo: (status: RegistryStatus) => boolean,
): Promise<number> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const status = await registry.status();
    if (isSo(status)) return performance.now();
    if (performance.now() > deadline) throw new Error(`no ${what}: ${status.sessions} of ${total} sessions are there`);
    await wait(LOOK_EVERY_MS);
  }
}

function report(total: number, all: readonly Rebuilt[]): string {
  const row = (name: string, figure: keyof Rebuilt, verdict = ''): string =>
    `| ${name} | ${spread(
      all.map((rebuilt) => rebuilt[figure]),
      2,
    )} | ${verdict} |`;
  const slowest = median(all.map(({ whole, entries }) => Math.max(whole, entries)));
  const verdict = `≤ ${LIMIT_SECONDS}: ${slowest <= LIMIT_SECONDS ? 'reached' : 'missed'}`;
  return [
    `## Redis emptied: ${total} sessions of ${WORKERS} workers`,
    '',
    '| | s | to reach |',
    '|---|---|---|',
    row('from the loss to the first beat', 'noticed'),
    row('from the first beat to the last entry', 'entries'),
    row('from the first beat until the directory counts as whole', 'whole', verdict),
    row("Redis's CPU time", 'cpu'),
    '',
  ].join('\n');
}
