// `npm run bench -- release [--rounds N --idle N --busy N --workers N]`: how long a release takes, and what it asks of the
// machine and of the targets, under traffic. Without flags it is the full one, which writes its part of RESULTS.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Deployment, type DeploymentBody, FINAL_STATES, type Receipt } from '@culvert/contracts';
import { type Cluster, createKey, startCluster } from '@culvert/local';
import { CpuMeter } from './lib/cpu-meter.ts';
import { Helper } from './lib/registry-jobs.ts';
import type { CustomersCount, CustomersJob, CustomersSetup } from './lib/release-protocol.ts';
import { describeRun, writePart } from './lib/results.ts';
import { median } from './lib/stats.ts';

const ROOT = join(import.meta.dirname, '..');
const TENANT = 'bench';
const OPEN_DEADLINE_MS = 180_000;
const RELEASE_DEADLINE_MS = 300_000;
const POLL_MS = 100;
/** To reach. */
const GOAL_S = 30;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string' },
    idle: { type: 'string', default: '1000' },
    busy: { type: 'string', default: '100' },
    workers: { type: 'string', default: '4' },
  },
});
const rounds = Number(flags.rounds ?? 2);
const idle = Number(flags.idle);
const busy = Number(flags.busy);

const STRATEGIES: readonly Omit<DeploymentBody, 'version'>[] = [
  { strategy: 'rolling' },
  { strategy: 'surge', batch: 2, surge: 2 },
  { strategy: 'blue-green', keepWarmMs: 0 },
];

interface Figures {
  readonly seconds: number;
  readonly cpu: number;
  readonly customers: CustomersCount;
  readonly receipt: Receipt;
}

const dataDir = mkdtempSync(join(tmpdir(), 'culvert-bench-'));
await using scope = new AsyncDisposableStack();
scope.defer(() => rmSync(dataDir, { recursive: true, force: true }));
const cluster = scope.use(
  await startCluster({
    ...{ entry: join(ROOT, 'packages/cli/src/main.ts'), dataDir, cacheDir: join(ROOT, '.culvert') },
    ...{ workers: Number(flags.workers), gateways: 2, deployers: 1, durable: false },
  }),
);
const limits = { sessions: 20_000, connectionsPerSession: 100 };
await cluster.api.call('POST', '/tenants', { body: { id: TENANT, limits } });
const { key } = await createKey(cluster.api, TENANT, 'agent', 'bench');
const gateways = cluster.gateways.map((gateway) => gateway.address('proxy'));
const setup: CustomersSetup = { api: cluster.api.url, key, gateways };
const customers = scope.use(
  await Helper.start<CustomersJob, CustomersCount>('release-customers.ts', JSON.stringify(setup)),
);
say(`${idle} idle sessions and ${busy} busy ones open`);
await customers.ask({ kind: 'open', idle, busy }, OPEN_DEADLINE_MS);

const results = new Map<string, Figures[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const [index, body] of STRATEGIES.entries()) {
    const figures = await release(cluster, { ...body, version: `2.${round}.${index}` });
    const name = String(body.strategy);
    results.set(name, [...(results.get(name) ?? []), figures]);
    const { lost, wrongBytes, refused, reconnects } = figures.customers;
    say(
      `${name}: ${figures.seconds.toFixed(1)} s, CPU ${figures.cpu.toFixed(1)} s; ${lost} lost, ${wrongBytes} wrong bytes, ` +
        `${refused} refused, ${reconnects} reconnects at the targets`,
    );
  }
}
const report = describe(results);
say(`\n${report}`);
if (process.argv.length === 2) writeResults(report);

async function release({ api, processes }: Cluster, body: DeploymentBody): Promise<Figures> {
  await customers.ask({ kind: 'watch' }, 10_000);
  // Processes that the release ends, and those that it starts, are counted as far as they can be seen.
  const cpu = new CpuMeter(() => cluster.processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
  cpu.look();
  const startedMs = performance.now();
  const { id } = await api.call<Deployment>('POST', '/deployments', { body });
  for (;;) {
    const { state, reason } = await api.call<Deployment>('GET', `/deployments/${id}`);
    if (state === 'succeeded') break;
    if (FINAL_STATES.includes(state) || state === 'paused') throw new Error(`the release is ${state}: ${reason}`);
    if (performance.now() - startedMs > RELEASE_DEADLINE_MS) throw new Error(`the release is still ${state}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    cpu.look();
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const counted = await customers.ask({ kind: 'count' }, 60_000);
  if (processes.length === 0) throw new Error('the cluster is gone');
  const receipt = await api.call<Receipt>('GET', `/deployments/${id}/receipt`);
  return { seconds, cpu: cpu.seconds, customers: counted, receipt };
}

function describe(all: ReadonlyMap<string, readonly Figures[]>): string {
  const head = [
    '| strategy | s (goal: ≤ 30 for rolling) | CPU s | sessions moved | connections moved | lost | wrong bytes | refused | reconnects at the targets | gap p50 ms | p99 ms | max ms |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  const rows = [...all].map(([name, figures]) => {
    const of = (pick: (one: Figures) => number): number => median(figures.map(pick));
    const cells = [
      of(({ seconds }) => seconds).toFixed(1),
      of(({ cpu }) => cpu).toFixed(1),
      ...[
        of(({ receipt }) => receipt.totals.movedSessions),
        of(({ receipt }) => receipt.totals.connectionsMoved),
        Math.max(...figures.map(({ customers: c }) => c.lost)),
        Math.max(...figures.map(({ customers: c }) => c.wrongBytes)),
        Math.max(...figures.map(({ customers: c }) => c.refused)),
        Math.max(...figures.map(({ customers: c }) => c.reconnects)),
        of(({ receipt }) => receipt.totals.gapMs.p50),
        of(({ receipt }) => receipt.totals.gapMs.p99),
        of(({ receipt }) => receipt.totals.gapMs.max),
      ].map(String),
    ];
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return [...head, ...rows].join('\n');
}

function writeResults(report: string): void {
  const about = `${flags.workers} workers, ${idle} idle and ${busy} busy sessions, policy \`move\`; goal ${GOAL_S} s`;
  const command = 'npm run bench -- release';
  writePart('release', `## A release\n${describeRun(command, `${rounds} rounds`)}\n${about}\n\n${report}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
