// One client of the registry, a process of its own: keeps some commands under way for a while, and says how many went through.
import { silentLogger } from '@culvert/base';
import { Registry, RouteCache } from '@culvert/registry';
import { benchClaim, benchNode, benchReassert, sessionId } from './registry-data.ts';
import type { DriverAnswer, DriverJob } from './registry-driver-protocol.ts';
import { serveJobs } from './registry-jobs.ts';

const [, , url = '', nodeCount = '1', seed = '1'] = process.argv;
const START_DEADLINE_MS = 20_000;
/** A rebuilding Redis is busy: what is put in from here must not fail for that. */
const COMMAND_TIMEOUT_MS = 10_000;
const SHAPE = { capacity: 1_000_000, admissionRate: 1_000 };
const REASSERTED_AT_ONCE = 1_000;

const nodes = Array.from({ length: Number(nodeCount) }, (_, i) => benchNode(i, SHAPE));
const registry = Registry.connect({ url, logger: silentLogger, commandTimeoutMs: COMMAND_TIMEOUT_MS });
await registry.waitUntilAvailable(AbortSignal.timeout(START_DEADLINE_MS));
const cache = new RouteCache(registry, { max: 200_000, ttlMs: 600_000 });

// Which session is asked for next need not be random in any deep sense, only scattered.
let drawn = Number(seed);
function draw(sessions: number): string {
  drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0;
  return sessionId(drawn % sessions);
}

function nodeOf(index: number) {
  return nodes[index % nodes.length] ?? benchNode(0, SHAPE);
}

async function claim(index: number): Promise<void> {
  const reply = await registry.claim(benchClaim(index, nodeOf(index)));
  if (reply.outcome !== 'claimed') throw new Error(`claim of session ${index} refused: ${reply.reason}`);
}

async function found(route: Promise<object | undefined>): Promise<void> {
  if ((await route) === undefined) throw new Error('a session was not found');
}

function operation(job: DriverJob): (turn: number) => Promise<void> {
  switch (job.kind) {
    case 'claim':
      return (turn) => claim(job.from + turn);
    case 'route':
      return () => found(registry.route(draw(job.sessions)));
    case 'verify':
      return () => found(registry.route(draw(job.sessions), { verify: true }));
    case 'cached':
      return () => found(cache.get(draw(job.sessions)));
    case 'beat': {
      const load = { state: 'ready', sessions: job.sessions, connections: 0 } as const;
      return async (turn) => {
        const reply = await registry.beat({ node: nodeOf(turn), load });
        if (reply.outcome !== 'ok') throw new Error('a boot is dead');
      };
    }
    case 'reassert':
      return reassert(job.from, job.count ?? 0);
  }
}

/** A turn is many sessions of one node. */
function reassert(from: number, count: number): (turn: number) => Promise<void> {
  return async (turn) => {
    const node = nodeOf(turn);
    const end = Math.min(from + count, from + (turn + 1) * REASSERTED_AT_ONCE);
    const sessions = [];
    for (let i = from + turn * REASSERTED_AT_ONCE; i < end; i += 1) sessions.push(benchReassert(i, node));
    const outcomes = await registry.reassert(node, sessions);
    for (const outcome of outcomes.values()) if (outcome !== 'ok') throw new Error('a session was fenced');
  };
}

async function drive(job: DriverJob): Promise<DriverAnswer> {
  const run = operation(job);
  const turns = job.kind === 'reassert' ? Math.ceil((job.count ?? 0) / REASSERTED_AT_ONCE) : (job.count ?? Infinity);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const until = job.ms === undefined ? Infinity : started + job.ms;
  let turn = 0;
  const client = async (): Promise<void> => {
    while (turn < turns && performance.now() < until) {
      turn += 1;
      await run(turn - 1);
    }
  };
  await Promise.all(Array.from({ length: job.parallel }, client));
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { operations: turn, seconds, cpuUs: user + system };
}

serveJobs(drive);
