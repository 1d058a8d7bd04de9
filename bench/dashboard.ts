// `npm run bench -- dashboard [--rounds N --sessions N]`: how long each page of the dashboard takes in Chromium, from an empty
// cache, with very many sessions in the registry. Without flags it writes its part of RESULTS.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster } from '@culvert/local';
import type { Page } from 'playwright-core';
import { openChromium } from '../test/support/chromium.ts';
import { CrowdInRegistry } from '../test/support/crowd-in-registry.ts';
import { PAGES, settled, signIn } from '../test/support/dashboard.ts';
import { describeRun, writePart } from './lib/results.ts';
import { median, spread } from './lib/stats.ts';

const ROOT = join(import.meta.dirname, '..');
/** To reach. */
const GOAL_MS = 1_000;

const { values: flags } = parseArgs({ options: { rounds: { type: 'string' }, sessions: { type: 'string' } } });
const rounds = Number(flags.rounds ?? 7);
const sessions = Number(flags.sessions ?? 5_000);

const dataDir = mkdtempSync(join(tmpdir(), 'culvert-bench-'));
await using scope = new AsyncDisposableStack();
scope.defer(() => rmSync(dataDir, { recursive: true, force: true }));
const cluster = scope.use(
  await startCluster({
    ...{ entry: join(ROOT, 'packages/cli/src/main.ts'), dataDir, cacheDir: join(ROOT, '.culvert') },
    ...{ workers: 2, gateways: 1, deployers: 1, durable: false, demo: true },
  }),
);
const { url: redisUrl, prefix } = cluster.redis;
scope.use(await CrowdInRegistry.open({ redisUrl, prefix, sessions }));
say(`${sessions} sessions are in the registry`);
const { page } = scope.use(await openChromium());
await signIn(page, cluster.api.url, cluster.adminKey);
const devtools = await page.context().newCDPSession(page);
await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });

const took = new Map<string, number[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const { path, heading } of PAGES) {
    const ms = await timeOf(page, `${cluster.api.url}${path}`, heading);
    took.set(heading, [...(took.get(heading) ?? []), ms]);
  }
  say(`round ${round + 1} of ${rounds}`);
}

const lines = [
  '# The dashboard',
  '',
  describeRun('npm run bench -- dashboard', `${rounds} rounds`),
  `${sessions} sessions; Chromium and the cluster on the same cores, an empty cache for each page.`,
  '',
  '| page | from the first request until it is drawn with its data, ms | to reach |',
  '|---|---|---|',
  ...[...took].map(([heading, times]) => {
    const reached = median(times) <= GOAL_MS ? 'reached' : 'missed';
    return `| ${heading} | ${spread(times, 0)} | ≤ ${GOAL_MS}: ${reached} |`;
  }),
];
const text = lines.join('\n');
process.stdout.write(`${text}\n`);
if (flags.rounds === undefined && flags.sessions === undefined) writePart('dashboard', text);

/** From the navigation until the page is drawn with its data, ms. */
async function timeOf(on: Page, url: string, heading: string): Promise<number> {
  const begun = performance.now();
  await on.goto(url, { waitUntil: 'commit' });
  await settled(on, heading);
  return performance.now() - begun;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
