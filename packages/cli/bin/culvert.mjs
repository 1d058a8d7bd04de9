#!/usr/bin/env node
// The `culvert` command for any Node.js >= 20: makes sure that a checkout is set up, then runs main.ts
// (or, in a published package, dist/main.js) with a Node.js that is new enough.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findRuntime, launch } from './launch.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', 'src', 'main.ts');
const entry = existsSync(source) ? source : join(here, '..', 'dist', 'main.js');
const setup = (name) => join(here, '..', '..', '..', 'setup', name);
/** Commands that serve the dashboard. */
const SERVE = new Set(['up', 'api']);

try {
  const inCheckout = existsSync(setup('install.mjs'));
  const load = (name) => import(pathToFileURL(setup(name)).href);
  if (inCheckout) await (await load('install.mjs')).ensureInstalled();
  const runtime = findRuntime();
  if (inCheckout && SERVE.has(process.argv[2])) await (await load('dashboard.mjs')).ensureDashboard(runtime);
  if (runtime === process.execPath) {
    // No second process when this one will do.
    process.argv[1] = entry;
    await import(pathToFileURL(entry).href);
  } else {
    process.exitCode = await launch(runtime, [entry, ...process.argv.slice(2)]);
  }
} catch (error) {
  process.stderr.write(`culvert: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error?.exitCode ?? 1;
}
