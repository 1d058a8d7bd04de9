import { benchNode, sessionId } from './registry-data.ts';
import { Drivers } from './registry-drivers.ts';
import { BeatingNodes } from './registry-nodes.ts';
import { type Observer, startBenchRedis } from './registry-redis.ts';

const NODES = 20;
const DRIVERS = 2;
const PARALLEL = 128;
const SAMPLE = 1_000;
const LIMIT_BYTES = 700;

/** Redis's memory for each session that was claimed, and what it consists of. */
export async function measureMemory(sessions: number): Promise<string> {
  process.stderr.write(`bench: memory of ${sessions} sessions\n`);
  await using redis = await startBenchRedis();
  const { observer } = redis;
  const shape = { capacity: 1_000_000, admissionRate: 1_000 };
  await using _nodes = await BeatingNodes.start(
    redis.url,
    Array.from({ length: NODES }, (_, i) => benchNode(i, shape)),
  );
  await using drivers = await Drivers.start(redis.url, { drivers: DRIVERS, nodes: NODES });
  const before = await observer.use();
  await drivers.run((i) => ({ kind: 'claim', parallel: PARALLEL, ...drivers.share(0, sessions, i) }));
  const grown = (await observer.use()).memoryBytes - before.memoryBytes;
  const each = grown / sessions;
  const parts = await partsOf(observer, sessions);
  const rest = each - parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = [...parts, { name: 'the rest: the table of keys, buffers of connections', bytes: rest }];
  return [
    `## Redis's memory per session, ${sessions} sessions with a name and two labels`,
    '',
    '| | bytes | to reach |',
    '|---|---|---|',
    `| all of it (\`used_memory\`) | ${each.toFixed(0)} | ≤ ${LIMIT_BYTES}: ${each <= LIMIT_BYTES ? 'reached' : 'missed'} |`,
    ...rows.map(({ name, bytes }) => `| ${name} | ${bytes.toFixed(0)} | |`),
    '',
  ].join('\n');
}

interface Part {
  readonly name: string;
  /** Per session. */
  readonly bytes: number;
}

/** As MEMORY USAGE tells. */
async function partsOf(observer: Observer, sessions: number): Promise<Part[]> {
  const usage = (key: string): Promise<number> => observer.number('MEMORY', 'USAGE', `{culvert}:${key}`, 'SAMPLES', 0);
  const sample = Math.min(SAMPLE, sessions);
  let entries = 0;
  for (let i = 0; i < sample; i += 1) entries += await usage(`s:${sessionId(Math.floor((i * sessions) / sample))}`);
  return [
    { name: `its entry (mean of ${sample})`, bytes: entries / sample },
    { name: 'its member in the index by owner', bytes: (await usage('owned')) / sessions },
    { name: 'its member in the index by tenant', bytes: (await usage('tenanted')) / sessions },
    { name: 'its part of the history, which has 20,000 entries at most', bytes: (await usage('events')) / sessions },
  ];
}
