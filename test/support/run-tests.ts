// `npm test [-- PATTERN…]`: every test, or those whose path contains one of the patterns. Unit tests first, a process for
// each package; then what starts whole clusters, one file at a time, or they would measure each other, save those that only wait.
import { randomUUID } from 'node:crypto';
import { globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { CulvertError, silentLogger } from '@culvert/base';
import { findRedisBinary } from '@culvert/local';
import { joinByPackage } from './join-by-package.ts';
import { endLeftovers, MARK } from './leftovers.ts';

const root = dirname(dirname(import.meta.dirname));
/** What takes longer than these hangs, and nobody should wait for it: a package's unit tests, a file of system tests. */
const DEADLINE_MS = { unit: 4 * 60_000, system: 10 * 60_000 } as const;

const PHASES = [
  {
    name: 'unit tests',
    globs: [
      'packages/*/{src,test,browser}/**/*.test.ts',
      'test/{structure,support,infra,load/lib}/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    concurrency: 3,
    timeout: DEADLINE_MS.unit,
    together: true,
  },
  {
    // What takes its time here is the silence after which a link counts as dead, or a lease, or a data set as whole, and
    // processes that start: some files wait at once. Nothing is measured in them.
    name: 'what is waited for',
    globs: [
      'test/chaos/{agent-network,deploy-*,freeze,gateway,network,redis-*}.test.ts',
      'test/system/{credentials,placement,recovery,redis-outage,secrets,start,tenants,verify,chaos-command}.test.ts',
      'test/system/{deploy,skew,telemetry}/*.test.ts',
      'test/load/*.test.ts',
      'test/sim/*.test.ts',
    ],
    concurrency: 4,
    timeout: DEADLINE_MS.system,
    together: false,
  },
  {
    // Chromium takes more than one core in bursts; two of them wait for each other, and nothing is measured.
    name: 'in a browser',
    globs: ['test/system/browser/*.test.ts'],
    concurrency: 2,
    timeout: DEADLINE_MS.system,
    together: false,
  },
  {
    name: 'system tests',
    globs: ['test/**/*.test.ts'],
    concurrency: 1,
    timeout: DEADLINE_MS.system,
    together: false,
  },
] as const;

interface Count {
  tests: number;
  failed: number;
  skipped: number;
  /** Node's verdict: false too when a file crashed outside of any test. */
  success: boolean;
}

async function main(patterns: readonly string[]): Promise<number> {
  const started = performance.now();
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  process.env[MARK] = randomUUID();
  await provideRedis();
  const done = new Set<string>();
  const results: string[] = [];
  let failed = false;
  for (const { name, globs, together, ...limits } of PHASES) {
    const found = globSync(globs, { cwd: root }).toSorted();
    const chosen = found.filter((file) => !done.has(file) && matches(file, patterns));
    for (const file of chosen) done.add(file);
    if (chosen.length === 0 || stopping.signal.aborted) continue;
    // One that is asked for by name is run as it is.
    const files =
      together && patterns.length === 0 ? joinByPackage(chosen, root) : chosen.map((file) => join(root, file));
    const count = await runFiles(files, limits, stopping.signal);
    const leftovers = await endLeftovers(process.env[MARK]);
    for (const { pid, command } of leftovers) say(`left running by the ${name}: process ${pid}: ${command}`);
    failed ||= !count.success || leftovers.length > 0;
    results.push(`${name}: ${describe(count, chosen.length, leftovers.length)}`);
  }
  if (results.length === 0) say('no test file matches');
  for (const result of results) say(result);
  say(
    `${failed || results.length === 0 ? 'FAILED' : 'passed'} in ${Math.round((performance.now() - started) / 1000)} s`,
  );
  if (stopping.signal.aborted) return 130;
  return failed || results.length === 0 ? 1 : 0;
}

/** Tests start `redis-server` from PATH: where there is none, one from the distribution's package is put there. */
async function provideRedis(): Promise<void> {
  const info = (_fields: unknown, message: string): void => say(message);
  const binary = await findRedisBinary({ cacheDir: join(root, '.culvert'), logger: { ...silentLogger, info } });
  process.env.PATH = `${process.env.PATH}${delimiter}${dirname(binary)}`;
}

interface Limits {
  readonly concurrency: number;
  /** Of a test, and of a file, in ms. */
  readonly timeout: number;
}

async function runFiles(files: readonly string[], limits: Limits, signal: AbortSignal): Promise<Count> {
  const count: Count = { tests: 0, failed: 0, skipped: 0, success: false };
  const events = run({
    files,
    ...limits,
    signal,
    cwd: root,
  });
  events.on('test:summary', (summary) => {
    if (summary.file !== undefined) return; // the last summary, without a file, is of all of them
    const { counts, success } = summary;
    count.tests = counts.tests;
    count.skipped = counts.skipped + counts.todo;
    count.failed = counts.tests - counts.passed - count.skipped;
    count.success = success;
  });
  const output = events.compose(spec);
  for await (const text of output) process.stdout.write(String(text));
  return count;
}

function matches(file: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
}

function describe({ tests, failed, skipped, success }: Count, files: number, leftovers: number): string {
  const parts = [`${tests} tests in ${files} files`, success ? 'all passed' : `${failed} failed`];
  if (skipped > 0) parts.push(`${skipped} skipped`);
  if (leftovers > 0) parts.push(`${leftovers} processes left running`);
  return parts.join(', ');
}

function say(line: string): void {
  process.stdout.write(`test: ${line}\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const fix = error instanceof CulvertError && error.fix !== undefined ? `\nFix: ${error.fix}` : '';
  process.stderr.write(`test: ${error instanceof CulvertError ? error.message : (error as Error).stack}${fix}\n`);
  process.exitCode = 1;
}
