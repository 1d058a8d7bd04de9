import { redisBenchmark } from './registry-baseline.ts';
import { benchNode } from './registry-data.ts';
import { Drivers } from './registry-drivers.ts';
import { between, type RedisUse } from './registry-info.ts';
import { Helper } from './registry-jobs.ts';
import { BeatingNodes } from './registry-nodes.ts';
import { type BenchRedis, startBenchRedis } from './registry-redis.ts';
import { median, spread } from './stats.ts';

const NODES = 20;
/** As many as Redis and the two of them have cores; redis-benchmark has as many connections, with as much under way. */
const DRIVERS = 2;
const PARALLEL = 128;
/** What a large cluster has besides: gateways and APIs hear of every session, workers of their own. */
const HEARERS = { routers: 20, workers: 200 };
const LOOK_UP_GOAL = 0.5;

export interface RatesOptions {
  readonly rounds: number;
  readonly sessions: number;
  /** How long each measure takes in each round, ms. */
  readonly ms: number;
}

/** One measure of one round. */
interface Rate {
  readonly perSecond: number;
  /** Redis's CPU time for one, µs. */
  readonly redisUs: number;
  /** Share of a core that Redis used. */
  readonly redisBusy: number;
  /** The same of the busiest client; undefined: redis-benchmark. */
  readonly clientBusy?: number;
}

const NAMES = {
  get: 'GET, redis-benchmark',
  evalsha: 'EVALSHA of a script that does one GET, redis-benchmark',
  route: 'look-up (one GET, and the table of nodes)',
  verify: 'look-up that asks for the lease as well (`lookup.lua`)',
  claim: 'claim',
  heard: `claim, in a cluster of ${HEARERS.routers} gateways and APIs and ${HEARERS.workers} workers`,
  cached: 'look-up from the cache',
};
type Kind = keyof typeof NAMES;
type Round = Record<Kind, Rate>;

/** What one Redis core does per second, beside what redis-benchmark makes of it in the same round. */
export async function measureRates(options: RatesOptions): Promise<string> {
  const { rounds, sessions } = options;
  await using redis = await startBenchRedis();
  const shape = { capacity: 1_000_000, admissionRate: 1_000 };
  await using _nodes = await BeatingNodes.start(
    redis.url,
    Array.from({ length: NODES }, (_, i) => benchNode(i, shape)),
  );
  await using drivers = await Drivers.start(redis.url, { drivers: DRIVERS, nodes: NODES });
  process.stderr.write(`bench: rates: ${sessions} sessions are put in\n`);
  await drivers.run((i) => ({ kind: 'reassert', parallel: 2, ...drivers.share(0, sessions, i) }));
  const sha = String(await redis.observer.call('SCRIPT', 'LOAD', "return redis.call('GET', KEYS[1])"));
  const bench = new Bench(redis, drivers, options, sha);
  // Caches are filled, scripts loaded, and the compiler has seen everything.
  await bench.round(0);
  const all: Round[] = [];
  for (let i = 1; i <= rounds; i += 1) {
    process.stderr.write(`bench: rates, round ${i} of ${rounds}\n`);
    all.push(await bench.round(i));
  }
  return report(all, options);
}

class Bench {
  readonly #redis: BenchRedis;
  readonly #drivers: Drivers;
  readonly #options: RatesOptions;
  readonly #sha: string;

  constructor(redis: BenchRedis, drivers: Drivers, options: RatesOptions, sha: string) {
    this.#redis = redis;
    this.#drivers = drivers;
    this.#options = options;
    this.#sha = sha;
  }

  async round(number: number): Promise<Round> {
    const { sessions, ms } = this.#options;
    // Each driver claims sessions of its own in each round, which nobody has had before.
    const fresh = (driver: number, turn: number): number => sessions * (2 + (number * 2 + turn) * DRIVERS + driver);
    const get = await this.#baseline(['GET']);
    const evalsha = await this.#baseline(['EVALSHA', this.#sha, '1']);
    const about = { parallel: PARALLEL, ms, sessions };
    const route = await this.#driven(() => ({ kind: 'route', ...about }));
    const verify = await this.#driven(() => ({ kind: 'verify', ...about }));
    const claim = await this.#driven((i) => ({ kind: 'claim', parallel: PARALLEL, ms, from: fresh(i, 0) }));
    const heard = await this.#heard(() =>
      this.#driven((i) => ({ kind: 'claim', parallel: PARALLEL, ms, from: fresh(i, 1) })),
    );
    const known = Math.min(sessions, 10_000);
    await this.#driven(() => ({ kind: 'cached', ...about, sessions: known }));
    const cached = await this.#driven(() => ({ kind: 'cached', ...about, sessions: known }));
    return { get, evalsha, route, verify, claim, heard, cached };
  }

  async #heard(work: () => Promise<Rate>): Promise<Rate> {
    await using _hearers = await Helper.start(
      'registry-hearers.ts',
      ...[this.#redis.port, HEARERS.routers, HEARERS.workers].map(String),
    );
    return await work();
  }

  async #baseline(command: readonly string[]): Promise<Rate> {
    const { ms, sessions } = this.#options;
    const requests = Math.round(ms * 100);
    const about = { port: this.#redis.port, requests, sessions, connections: DRIVERS, pipeline: PARALLEL };
    let perSecond = 0;
    const use = await this.#used(async () => {
      perSecond = await redisBenchmark(command, about);
    });
    const redisUs = use.cpuUs / requests;
    return { perSecond, redisUs, redisBusy: (redisUs * perSecond) / 1e6 };
  }

  async #driven(job: Parameters<Drivers['run']>[0]): Promise<Rate> {
    let perSecond = 0;
    let operations = 0;
    let clientBusy = 0;
    const use = await this.#used(async () => {
      const driven = await this.#drivers.run(job);
      operations = driven.operations;
      perSecond = operations / driven.seconds;
      clientBusy = driven.busiest;
    });
    const redisUs = use.cpuUs / operations;
    return { perSecond, redisUs, redisBusy: (redisUs * perSecond) / 1e6, clientBusy };
  }

  async #used(work: () => Promise<void>): Promise<RedisUse> {
    const before = await this.#redis.observer.use();
    await work();
    return between(before, await this.#redis.observer.use());
  }
}

function report(rounds: readonly Round[], { sessions }: RatesOptions): string {
  const rows = (Object.keys(NAMES) as Kind[]).map((kind) => {
    const rates = rounds.map((round) => round[kind]);
    const percent = (shares: (number | undefined)[]): string =>
      shares.includes(undefined) ? '' : `${(100 * median(shares.map((share) => share ?? 0))).toFixed(0)}`;
    const busy = `${percent(rates.map((rate) => rate.redisBusy))} | ${percent(rates.map((rate) => rate.clientBusy))}`;
    const wall = spread(
      rates.map(({ perSecond }) => perSecond),
      0,
    );
    if (kind === 'cached') return `| ${NAMES[kind]} | ${wall} | 0 | ${busy} | | |`;
    const us = rates.map(({ redisUs }) => redisUs);
    const ratios = rounds.map((round) => round.evalsha.redisUs / round[kind].redisUs);
    let verdict = '';
    if (kind === 'route') {
      verdict = `≥ ${LOOK_UP_GOAL}×: ${median(ratios) >= LOOK_UP_GOAL ? 'reached' : 'missed'}`;
    }
    return `| ${NAMES[kind]} | ${wall} | ${spread(us, 1)} | ${busy} | ${spread(ratios, 2)} | ${verdict} |`;
  });
  return [
    `## Claims and look-ups, ${sessions} sessions`,
    '',
    "| | 1/s | Redis's CPU time each, µs | Redis busy, % | busiest client, % | ratio to EVALSHA, by Redis's CPU time, round by round | to reach |",
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
