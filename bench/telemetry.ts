// `npm run bench -- telemetry [--rounds N --quick]`: what it costs to be seen. The same cluster four times, side by side and
// in turns: with telemetry off, with metrics that are scraped, and with traces of a tenth and of all connections sent to a
// collector. Ratios are pair by pair against "off" of the same round. Writes its part of RESULTS.md.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { ask, type Child, cpuSeconds, start, stop } from './lib/children.ts';
import { type BenchCluster, startBenchCluster } from './lib/cluster.ts';
import { describeRun, writePart } from './lib/results.ts';
import { median, spread } from './lib/stats.ts';

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, quick: { type: 'boolean', default: false } },
});
const rounds = Number(flags.rounds);
const scale = flags.quick ? 0.2 : 1;
/** As often as Prometheus asks by default. */
const SCRAPE_MS = 15_000;
const LANES = 16;

interface Variant {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** What each measure's ratio to "off" may be at most (costs) or, inverted, at least (rates); none: shown only. */
  readonly limit?: number;
}

interface Figures {
  readonly mb: number;
  readonly cpuPerGb: number;
  readonly rate: number;
  readonly cpuPerThousand: number;
}

const MEASURES: readonly { key: keyof Figures; name: string; digits: number; isCost: boolean }[] = [
  { key: 'mb', name: 'bulk, 1 stream, MB/s', digits: 0, isCost: false },
  { key: 'cpuPerGb', name: 'CPU, s per GB', digits: 2, isCost: true },
  { key: 'rate', name: 'connections opened, 1/s', digits: 0, isCost: false },
  { key: 'cpuPerThousand', name: 'CPU, s per 1,000 connections', digits: 2, isCost: true },
];

function variants(collector: number): Variant[] {
  const otlp = (ratio: string): Record<string, string> => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector}`,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: ratio,
  });
  return [
    { name: 'off', env: { OTEL_SDK_DISABLED: 'true' } },
    { name: 'metrics', env: {}, limit: 1.03 },
    { name: 'traces, 10 %', env: otlp('0.1'), limit: 1.1 },
    { name: 'traces, 100 %', env: otlp('1') },
  ];
}

async function measure(load: Child, { ways, pids }: BenchCluster): Promise<Figures> {
  const cpu = (): number => cpuSeconds(pids.gateway);
  const way = ways.gateway;
  const beforeBulk = cpu();
  const bulk = await ask(load, { kind: 'bulk', way, streams: 1, bytes: Math.round(0.6e9 * scale) });
  const beforeCold = cpu();
  const count = Math.round(5_000 * scale);
  const cold = await ask(load, { kind: 'cold', way, count, connections: LANES });
  return {
    mb: bulk.bytes / 1e6 / bulk.seconds,
    cpuPerGb: (beforeCold - beforeBulk) / (bulk.bytes / 1e9),
    rate: count / cold.seconds,
    cpuPerThousand: ((cpu() - beforeCold) / count) * 1_000,
  };
}

/** Every node of the cluster is asked for its metrics, as a monitoring system would. */
function scrape({ cluster }: BenchCluster): NodeJS.Timeout {
  const admins = [...cluster.gateways, ...cluster.workers].map((node) => `${node.address('admin')}/metrics`);
  return setInterval(() => {
    for (const url of admins) fetch(url).then((answer) => answer.text(), fail);
  }, SCRAPE_MS);
}

function fail(error: Error): void {
  process.stderr.write(`bench: a scrape failed: ${error.message}\n`);
  process.exitCode = 1;
}

function rowsOf({ name, limit }: Variant, own: readonly Figures[], off: readonly Figures[]): string[] {
  return MEASURES.map(({ key, name: measured, digits, isCost }) => {
    const ratios = own.map((figures, i) => figures[key] / (off[i]?.[key] ?? Number.NaN));
    const cost = isCost ? median(ratios) : 1 / median(ratios);
    const verdict = limit === undefined ? '' : `≤ ${limit}×: ${cost <= limit ? 'reached' : 'missed'}`;
    const shown = `${spread(
      off.map((figures) => figures[key]),
      digits,
    )} | ${spread(
      own.map((figures) => figures[key]),
      digits,
    )}`;
    return `| ${name}: ${measured} | ${shown} | ${spread(ratios, 3)} | ${cost.toFixed(3)}× | ${verdict} |`;
  });
}

await using scope = new AsyncDisposableStack();
const child = async (script: string): Promise<Child> => scope.adopt(await start(script), stop);
const target = await child('target.ts');
const load = await child('load.ts');
const sink = await child('otlp-sink.ts');
const all = variants(sink.port);
const clusters: BenchCluster[] = [];
for (const { env } of all) {
  const bench = scope.adopt(await startBenchCluster(target.port, { env }), (one) => one.stop());
  clusters.push(bench);
  if (env.OTEL_SDK_DISABLED === undefined) scope.adopt(scrape(bench), clearInterval);
  await measure(load, bench); // warms it up
}
const figures: Figures[][] = all.map(() => []);
for (let round = 0; round < rounds; round += 1) {
  process.stderr.write(`bench: telemetry, round ${round + 1} of ${rounds}\n`);
  // Another one is the first in each round: whoever is behind another would always have the colder, or the hotter, machine.
  for (let i = 0; i < all.length; i += 1) {
    const index = (round + i) % all.length;
    const [bench, own] = [clusters[index], figures[index]];
    if (bench === undefined || own === undefined) throw new Error('a variant without a cluster');
    own.push(await measure(load, bench));
  }
}
sink.process.send('how many');
const [{ bytes }] = (await once(sink.process, 'message', { signal: AbortSignal.timeout(5_000) })) as [
  { bytes: number },
];
if (bytes === 0) throw new Error('nothing reached the collector: nothing was traced');

const off = figures[0] ?? [];
const how = `${rounds} rounds${flags.quick ? ', quick' : ''}.\nMedians, in brackets the least and the most of the rounds`;
const head = ['| | off | with it | ratio, pair by pair | cost | to reach |', '|---|---|---|---|---|---|'];
const rows = all.slice(1).flatMap((variant, i) => rowsOf(variant, figures[i + 1] ?? [], off));
const text = ['# Telemetry', '', describeRun('npm run bench -- telemetry', how), '', ...head, ...rows, ''].join('\n');
process.stdout.write(`${text}\n`);
if (!flags.quick) writePart('telemetry', text);
