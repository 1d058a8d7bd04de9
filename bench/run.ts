// `npm run bench [-- --rounds N --quick]`: Culvert beside a plain Node.js TCP relay of as many hops, in turns, in one
// run; what counts are the ratios. Writes RESULTS.md. See README.md for what is measured and why so.
import { parseArgs } from 'node:util';
import { ask, type Child, cpuSeconds, start, stop } from './lib/children.ts';
import { type BenchCluster, startBenchCluster } from './lib/cluster.ts';
import { measureDetached } from './lib/detached.ts';
import { measureIdleSessions } from './lib/idle-sessions.ts';
import type { Job, Way } from './lib/protocol.ts';
import { describeRun, writePart } from './lib/results.ts';
import { median, spread } from './lib/stats.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    sessions: { type: 'string', default: '10000' },
    only: { type: 'string', default: '' },
  },
});
const rounds = Number(flags.rounds);
const scale = flags.quick ? 0.25 : 1;

/** A path to the target: the way in, and the processes that carry it. */
interface Path {
  readonly way: Way;
  readonly pids: readonly number[];
}

interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  /** What the ratio to the relay's should be, and on which side of it. */
  readonly goal?: { readonly ratio: number; readonly atLeast: boolean };
  /** Where the absolute figure counts, not the ratio. */
  readonly limit?: number;
}

const MEASURES: Record<string, Measure> = {
  mb1: { name: 'bulk, 1 stream', unit: 'MB/s', digits: 0, goal: { ratio: 0.8, atLeast: true } },
  cpu1: { name: 'bulk, 1 stream: CPU', unit: 's/GB', digits: 2, goal: { ratio: 1.3, atLeast: false } },
  mb8: { name: 'bulk, 8 streams', unit: 'MB/s', digits: 0, goal: { ratio: 0.8, atLeast: true } },
  cpu8: { name: 'bulk, 8 streams: CPU', unit: 's/GB', digits: 2, goal: { ratio: 1.3, atLeast: false } },
  warm50: { name: 'small request, warm, p50', unit: 'ms', digits: 3, goal: { ratio: 1.3, atLeast: false } },
  warm99: { name: 'small request, warm, p99', unit: 'ms', digits: 3 },
  cold50: { name: 'small request, cold, p50', unit: 'ms', digits: 2 },
  cold99: { name: 'small request, cold, p99', unit: 'ms', digits: 2 },
  rps: { name: 'small requests, 32 connections', unit: '1/s', digits: 0, goal: { ratio: 1.3, atLeast: true } },
  beside50: { name: 'small request beside bulk, p50', unit: 'ms', digits: 2 },
  beside99: { name: 'small request beside bulk, p99', unit: 'ms', digits: 2, limit: 10 },
  besideMb: { name: 'that bulk', unit: 'MB/s', digits: 0 },
};

type Figures = Record<keyof typeof MEASURES, number>;

async function round(load: Child, path: Path): Promise<Figures> {
  const { way, pids } = path;
  const bulk = async (streams: number): Promise<{ mb: number; cpu: number }> => {
    const before = cpuSeconds(pids);
    const job: Job = { kind: 'bulk', way, streams, bytes: Math.round(2e9 * scale) };
    const { seconds, bytes } = await ask(load, job);
    return { mb: bytes / 1e6 / seconds, cpu: (cpuSeconds(pids) - before) / (bytes / 1e9) };
  };
  const ms = 3_000 * scale;
  const one = await bulk(1);
  const eight = await bulk(8);
  const warm = await ask(load, { kind: 'warm', way, connections: 1, ms });
  const cold = await ask(load, { kind: 'cold', way, count: Math.round(500 * scale) });
  const many = await ask(load, { kind: 'warm', way, connections: 32, ms });
  const beside = await ask(load, { kind: 'beside', way, ms });
  return {
    mb1: one.mb,
    cpu1: one.cpu,
    mb8: eight.mb,
    cpu8: eight.cpu,
    warm50: warm.p50,
    warm99: warm.p99,
    cold50: cold.p50,
    cold99: cold.p99,
    rps: many.requests / many.seconds,
    beside50: beside.p50,
    beside99: beside.p99,
    besideMb: beside.bytes / 1e6 / beside.seconds,
  };
}

async function startRelays(hops: number, targetPort: number): Promise<{ path: Path; children: Child[] }> {
  const children: Child[] = [];
  let port = targetPort;
  for (let i = 0; i < hops; i += 1) {
    const relay = await start('relay.ts', String(port));
    children.push(relay);
    port = relay.port;
  }
  return { path: { way: { port }, pids: children.map(({ pid }) => pid) }, children };
}

/** What is measured, and what it is measured against. */
interface Comparison {
  readonly title: string;
  readonly subject: Path & { readonly name: string };
  readonly baseline: Path & { readonly name: string };
  readonly measures: Record<string, Measure>;
}

/** Baseline and subject in turns, so that a machine whose speed drifts is the same for both. */
async function compare(load: Child, { title, subject, baseline, measures }: Comparison): Promise<string> {
  const pairs: { subject: Figures; baseline: Figures }[] = [];
  await ask(load, { kind: 'bulk', way: subject.way, streams: 1, bytes: 2e8 });
  for (let i = 0; i < rounds; i += 1) {
    process.stderr.write(`bench: ${title}, round ${i + 1} of ${rounds}\n`);
    const ofBaseline = await round(load, baseline);
    pairs.push({ subject: await round(load, subject), baseline: ofBaseline });
  }
  const rows = Object.entries(measures).map(([key, { name, unit, digits, goal, limit }]) => {
    const ours = pairs.map((pair) => pair.subject[key] ?? Number.NaN);
    const theirs = pairs.map((pair) => pair.baseline[key] ?? Number.NaN);
    const ratios = ours.map((value, i) => value / (theirs[i] ?? Number.NaN));
    const ratio = median(ratios);
    let verdict = '';
    if (goal !== undefined) {
      const reached = goal.atLeast ? ratio >= goal.ratio : ratio <= goal.ratio;
      verdict = `${goal.atLeast ? '≥' : '≤'} ${goal.ratio}×: ${reached ? 'reached' : 'missed'}`;
    }
    if (limit !== undefined) verdict = `≤ ${limit} ${unit}: ${median(ours) <= limit ? 'reached' : 'missed'}`;
    return `| ${name}, ${unit} | ${spread(theirs, digits)} | ${spread(ours, digits)} | ${spread(ratios, 2)} | ${verdict} |`;
  });
  const head = [`| | ${baseline.name} | ${subject.name} | ratio, pair by pair | to reach |`, '|---|---|---|---|---|'];
  return [`## ${title}`, '', ...head, ...rows, ''].join('\n');
}

/** The same path with resuming and without, beside each other: what keeping the unacknowledged costs. */
async function costOfResuming(load: Child, bench: BenchCluster): Promise<string> {
  const without = await startBenchCluster(target.port, { resumes: false });
  const { warm99, cold50, cold99, beside50, beside99, besideMb, ...rest } = MEASURES;
  const measures = Object.fromEntries(
    Object.entries(rest).map(([key, { name, unit, digits }]) => [key, { name, unit, digits }]),
  );
  try {
    return await compare(load, {
      title: 'gateway path: connections that can go on over another worker, against such that cannot',
      subject: { name: 'resumable', way: bench.ways.gateway, pids: bench.pids.gateway },
      baseline: { name: 'not resumable', way: without.ways.gateway, pids: without.pids.gateway },
      measures,
    });
  } finally {
    await without.stop();
  }
}

/** On a cluster of its own: memory that was in use before would hide what is measured, and it kills the worker. */
async function memoryOfDetached(): Promise<string> {
  const bench = await startBenchCluster(target.port);
  try {
    return await measureDetached(bench);
  } finally {
    await bench.stop();
  }
}

const target = await start('target.ts');
const load = await start('load.ts');
const sections: string[] = [];
const wanted = (name: string): boolean => flags.only === '' || flags.only.split(',').includes(name);
try {
  const bench = await startBenchCluster(target.port);
  try {
    for (const [name, hops] of [
      ['direct', 2],
      ['gateway', 3],
    ] as const) {
      if (!wanted(name)) continue;
      const relays = await startRelays(hops, target.port);
      const subject = { name: 'Culvert', way: bench.ways[name], pids: bench.pids[name] };
      const title = `${name} path against a relay of ${hops} hops`;
      const baseline = { name: 'relay', ...relays.path };
      sections.push(await compare(load, { title, subject, baseline, measures: MEASURES }));
      for (const child of relays.children) await stop(child);
    }
    if (wanted('resume')) sections.push(await costOfResuming(load, bench));
    if (wanted('idle')) sections.push(await measureIdleSessions(bench, Number(flags.sessions)));
  } finally {
    await bench.stop();
  }
  if (wanted('detached')) sections.push(await memoryOfDetached());
} finally {
  await stop(load);
  await stop(target);
}

const how = `${rounds} rounds${flags.quick ? ', quick' : ''}.\nMedians, in brackets the least and the most of the rounds`;
const text = ['# Connections', '', describeRun('npm run bench', how), '', ...sections].join('\n');
process.stdout.write(`${text}\n`);
if (flags.only === '' && !flags.quick) writePart('connections', text);
