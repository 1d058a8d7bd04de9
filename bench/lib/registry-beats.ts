import { setTimeout as wait } from 'node:timers/promises';
import { benchNode } from './registry-data.ts';
import { Drivers } from './registry-drivers.ts';
import { between } from './registry-info.ts';
import { BeatingNodes } from './registry-nodes.ts';
import { type BenchRedis, startBenchRedis } from './registry-redis.ts';
import { spread } from './stats.ts';

const NODES = 20;
const PARALLEL = 16;

export interface BeatsOptions {
  readonly rounds: number;
  /** Rising: how many sessions there are while it is measured. */
  readonly sizes: readonly number[];
  /** Beats in each round. */
  readonly beats: number;
  /** How long an idle cluster is watched in each round, ms. */
  readonly idleMs: number;
}

interface Figures {
  readonly beatUs: number;
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly idleUs: number;
}

/** What a beat costs Redis, and what idle nodes do to it, by how many sessions they have. */
export async function measureBeats(options: BeatsOptions): Promise<string> {
  await using redis = await startBenchRedis();
  const shape = { capacity: 1_000_000, admissionRate: 1_000 };
  const nodes = Array.from({ length: NODES }, (_, i) => benchNode(i, shape));
  let sessions = 0;
  await using _nodes = await BeatingNodes.start(redis.url, nodes, () => sessions / NODES);
  const rows: string[] = [];
  for (const size of options.sizes) {
    process.stderr.write(`bench: beats at ${size} sessions\n`);
    rows.push(row(size, await measureAt(redis, options, { from: sessions, to: size })));
    sessions = size;
  }
  return [
    `## What ${NODES} nodes cost that do nothing, by the number of sessions`,
    '',
    "| sessions | Redis's CPU time for a beat, µs | commands, 1/s | to Redis, B/s | from Redis, B/s | Redis's CPU time, µs/s |",
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

async function measureAt(
  { url, observer }: BenchRedis,
  { rounds, beats, idleMs }: BeatsOptions,
  { from, to }: { from: number; to: number },
): Promise<Figures[]> {
  {
    await using drivers = await Drivers.start(url, { drivers: 1, nodes: NODES });
    await drivers.run(() => ({ kind: 'reassert', parallel: 2, from, count: to - from }));
  }
  const all: Figures[] = [];
  for (let i = 0; i < rounds; i += 1) {
    let beatUs = 0;
    {
      await using drivers = await Drivers.start(url, { drivers: 1, nodes: NODES });
      const about = { kind: 'beat', parallel: PARALLEL, sessions: to / NODES } as const;
      await drivers.run(() => ({ ...about, count: Math.ceil(beats / 10) }));
      const before = await observer.use();
      await drivers.run(() => ({ ...about, count: beats }));
      beatUs = between(before, await observer.use()).cpuUs / beats;
    }
    // Here the time itself is what is measured.
    const before = await observer.use();
    await wait(idleMs);
    const { commands, bytesIn, bytesOut, cpuUs } = between(before, await observer.use());
    const seconds = idleMs / 1_000;
    // One of the commands was our own question.
    const each = { commands: (commands - 1) / seconds, bytesIn: bytesIn / seconds, bytesOut: bytesOut / seconds };
    all.push({ beatUs, ...each, idleUs: cpuUs / seconds });
  }
  return all;
}

function row(sessions: number, all: readonly Figures[]): string {
  const column = (name: keyof Figures, digits: number): string =>
    spread(
      all.map((figures) => figures[name]),
      digits,
    );
  const cells = [column('beatUs', 1), column('commands', 1), column('bytesIn', 0), column('bytesOut', 0)];
  return `| ${sessions} | ${cells.join(' | ')} | ${column('idleUs', 0)} |`;
}
