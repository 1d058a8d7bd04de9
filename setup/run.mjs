// Behind `npm start`, `npm test` and the other scripts: sets the checkout up, then runs one task with the
// Node.js that the sources need. Plain JavaScript, no dependencies: it is what installs them.
//
//   node setup/run.mjs culvert ARGS… | test [pattern…] | check | bench [registry | storm | release | telemetry] | fuzz | sim
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntime, launch } from '../packages/cli/bin/launch.mjs';
import { ensureDashboard } from './dashboard.mjs';
import { ensureInstalled } from './install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);

/** Each task is one or more command lines for the runtime; the first that fails ends it. */
const TASKS = {
  culvert: (args) => [[join(root, 'packages/cli/src/main.ts'), ...args]],
  test: (args) => [[join(root, 'test/support/run-tests.ts'), ...args]],
  check: () => [
    [bin('biome'), 'check', root],
    [bin('tsc'), '-p', join(root, 'tsconfig.json')],
    [bin('tsc'), '-p', join(root, 'packages/dashboard/browser')],
    [join(root, 'test/support/run-tests.ts')],
  ],
  bench: (args) => {
    const own = ['registry', 'storm', 'release', 'telemetry', 'dashboard'].includes(args[0]);
    return [[join(root, 'bench', own ? `${args[0]}.ts` : 'run.ts'), ...args.slice(own ? 1 : 0)]];
  },
  dashboard: () => [], // built before each task
  load: (args) => [[join(root, 'test/load/main.ts'), ...args]],
  sim: (args) => [[join(root, 'test/sim/main.ts'), ...args]],
  fuzz: (args) => ['mux', 'link'].map((name) => [join(root, 'packages', name, 'fuzz/run.ts'), ...args]),
};

async function main([name, ...args]) {
  const task = Object.hasOwn(TASKS, name ?? '') ? TASKS[name] : undefined;
  if (!task) {
    process.stderr.write(`usage: node setup/run.mjs ${Object.keys(TASKS).join(' | ')} [arguments]\n`);
    return 2;
  }
  await ensureInstalled();
  // Every process of a cluster and every test file loads the same sources: what Node made of them once is kept.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'node');
  const runtime = findRuntime();
  await ensureDashboard(runtime);
  for (const line of task(args)) {
    if (!existsSync(line[0])) throw new Error(`${line[0]} is missing from this checkout`);
    const code = await launch(runtime, line);
    if (code !== 0) return code;
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error?.exitCode ?? 1;
}
