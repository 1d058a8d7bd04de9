// `npm run bench -- storm [--agents N --workers N --dead N …]`: some workers of a large cluster die at once, and their agents
// find others: the agents' own code, the API's placement, the registry's scripts on a real Redis, in real time. Without
// `--agents` it is the full one, which writes its part of RESULTS.md and docs/placement-storm.svg. See README.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKeys } from '@culvert/registry';
import { between } from './lib/registry-info.ts';
import { Helper } from './lib/registry-jobs.ts';
import { BeatingNodes } from './lib/registry-nodes.ts';
import { type Observer, startBenchRedis } from './lib/registry-redis.ts';
import { describeRun, writePart } from './lib/results.ts';
import { plotStorm } from './lib/storm-plot.ts';
import {
  type CrowdAnswer,
  type CrowdJob,
  type CrowdResult,
  type StormSetup,
  sessionsPerWorker,
  stormNode,
} from './lib/storm-protocol.ts';
import { count, reportStorm } from './lib/storm-report.ts';
import { seriesOf } from './lib/storm-series.ts';

const PLOT = join(import.meta.dirname, '../docs/placement-storm.svg');
const FULL = 1_000_000;
/** Gateways and APIs of a cluster of that size. */
const ROUTERS = 20;
/** A worker has half as much room again as it has sessions. */
const HEADROOM = 1.5;
const FILL_DEADLINE_MS = 150_000;
const DEADLINE_MS = 150_000;
/** What an answer may take beyond the time that the storm itself has. */
const ANSWER_MS = 20_000;

const { values: flags } = parseArgs({
  options: {
    agents: { type: 'string' },
    workers: { type: 'string', default: '200' },
    dead: { type: 'string', default: '20' },
    crowds: { type: 'string', default: '4' },
    'admission-rate': { type: 'string', default: '250' },
    'api-rate': { type: 'string', default: '500' },
    hearers: { type: 'string' },
    seed: { type: 'string', default: '1' },
    plot: { type: 'string' },
  },
});
const full = flags.agents === undefined;
const workers = Number(flags.workers);
const agents = Number(flags.agents ?? FULL);
const hearers = Number(flags.hearers ?? ROUTERS);
if (agents < workers) throw new Error('--agents: at least one for each worker');

await using redis = await startBenchRedis();
const setup: StormSetup = {
  ...{ url: redis.url, agents, workers, dead: Number(flags.dead), seed: Number(flags.seed), deadlineMs: DEADLINE_MS },
  ...{ capacity: Math.ceil((agents / workers) * HEADROOM), admissionRate: Number(flags['admission-rate']) },
  ...{ crowds: Number(flags.crowds), apiRate: Number(flags['api-rate']) },
};
await using scope = new AsyncDisposableStack();
scope.use(await Helper.start('registry-hearers.ts', ...[redis.port, hearers, workers].map(String)));
const base = sessionsPerWorker(setup);
const claimed = new Map<number, readonly number[]>();
const loadOf = (worker: number): number =>
  base + [...claimed.values()].reduce((sum, counts) => sum + (counts[worker] ?? 0), 0);
const infos = Array.from({ length: workers }, (_, worker) => stormNode(setup, worker));
const nodes = scope.use(await BeatingNodes.start(redis.url, infos, loadOf));
const crowds = await Promise.all(
  Array.from({ length: setup.crowds }, async (_, i) => {
    const crowd = await Helper.start<CrowdJob, CrowdAnswer>('storm-crowd.ts', JSON.stringify(setup), String(i));
    crowd.onNote((counts) => claimed.set(i, counts as number[]));
    return scope.use(crowd);
  }),
);

say(`${count(agents)} sessions are put into Redis`);
const told = await everyCrowd({ kind: 'fill' }, FILL_DEADLINE_MS);
if (told.reduce<number>((sum, some) => sum + Number(some), 0) !== base * workers)
  throw new Error('sessions are missing');
const lost = (await everyCrowd({ kind: 'start' }, FILL_DEADLINE_MS)).reduce<number>(
  (sum, some) => sum + Number(some),
  0,
);

say(`${setup.dead} workers die, ${count(lost)} agents look for others`);
const before = await redis.observer.use();
nodes.kill(infos.slice(0, setup.dead).map(({ id }) => id));
const answers = await everyCrowd({ kind: 'storm' }, DEADLINE_MS + ANSWER_MS);
const use = between(before, await redis.observer.use());
const results = answers.filter((answer): answer is CrowdResult => typeof answer === 'object');
const loads = await loadsIn(redis.observer);
await everyCrowd({ kind: 'stop' }, ANSWER_MS);

const series = seriesOf(results, { workers, dead: setup.dead, base });
const section = reportStorm({ setup, hearers, results, series, loads, use });
process.stdout.write(`${section}\n`);
const title = `${count(agents)} agents on ${workers} workers: ${setup.dead} of them die at once`;
const plot = flags.plot ?? (full ? PLOT : undefined);
if (plot !== undefined) writeFileSync(plot, plotStorm(series, title));
if (full) {
  const intro = describeRun('npm run bench -- storm', 'one run; Redis and all else on the same cores');
  writePart('storm', ['# The storm', '', intro, '', section].join('\n'));
}
const settled = results.reduce((sum, result) => sum + result.settled, 0);
const present = loads.reduce((sum, load) => sum + load, 0);
if (settled < lost || present !== base * workers) {
  throw new Error(
    `${settled} of ${lost} agents settled; ${present} of ${base * workers} sessions are with living workers`,
  );
}

function everyCrowd(job: CrowdJob, deadlineMs: number): Promise<CrowdAnswer[]> {
  return Promise.all(crowds.map((crowd) => crowd.ask(job, deadlineMs)));
}

/** Sessions of each worker that lives, as the directory has them. */
function loadsIn(observer: Observer): Promise<number[]> {
  const { owned } = createKeys();
  return Promise.all(
    infos
      .slice(setup.dead)
      .map(({ id, boot }) => observer.number('ZLEXCOUNT', owned, `[${id}#${boot}/`, `(${id}#${boot}0`)),
  );
}

function say(what: string): void {
  process.stderr.write(`storm: ${(performance.now() / 1_000).toFixed(0)} s: ${what}\n`);
}
