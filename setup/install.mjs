// The dependencies of the lock file, installed when they are not there yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './pid-lock.mjs';
import { checkNpm, checkPlatform } from './platform.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules', '.culvert-setup');
/** Longer than any `npm ci` on a slow line; ends the wait for one that hangs. */
const INSTALL_DEADLINE_MS = 10 * 60_000;

/** How long an interrupted npm may take to end by itself. */
const INTERRUPT_GRACE_MS = 1_500;

const say = (line) => process.stderr.write(`setup: ${line}\n`);
const readOr = (path, fallback) => (existsSync(path) ? readFileSync(path, 'utf8') : fallback);
const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** What is for another platform is rightly absent. */
function isForThisPlatform({ os, cpu, libc }) {
  const fits = (list, value) => list === undefined || list.includes(value);
  return fits(os, process.platform) && fits(cpu, process.arch) && (libc === undefined || fits(libc, 'glibc'));
}

/** Whether somebody's own `npm install` brought exactly what the lock file asks for. */
function matchesLock() {
  const record = readOr(join(root, 'node_modules', '.package-lock.json'), '');
  if (record === '') return false;
  const have = JSON.parse(record).packages;
  const want = Object.entries(JSON.parse(readFileSync(lockFile, 'utf8')).packages);
  return want.every(([path, { version, integrity, link, resolved, ...rest }]) => {
    if (!path.startsWith('node_modules/')) return true;
    if (!have[path]) return rest.optional === true && !isForThisPlatform(rest);
    return link
      ? have[path].resolved === resolved
      : have[path].version === version && have[path].integrity === integrity;
  });
}

function isInstalled() {
  if (!existsSync(join(root, 'node_modules'))) return false;
  const hash = lockHash();
  if (readOr(stampFile, '') === hash) return true;
  if (!matchesLock()) return false;
  writeFileSync(stampFile, hash);
  return true;
}

/** Under `npm start`, PATH begins with node_modules/.bin, whose `node` is about to be replaced. */
function environment() {
  const own = join(root, 'node_modules', '.bin');
  const PATH = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== own);
  return { ...process.env, PATH: PATH.join(delimiter) };
}

/** A person ended the set-up: nothing to explain, only an exit code to end with. */
class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Resolves when npm has succeeded; rejects with words for the person otherwise. */
function npmCi(env) {
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-progress'];
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: INSTALL_DEADLINE_MS });
    let interrupted;
    // Ctrl-C reaches npm too, a SIGTERM to this process alone would not. npm may take long to give up: it is killed
    // then. A half-made node_modules does no harm, `npm ci` begins by removing it.
    const forward = (signal) => {
      interrupted ??= signal;
      npm.kill(signal);
      setTimeout(() => npm.kill('SIGKILL'), INTERRUPT_GRACE_MS).unref();
    };
    process.on('SIGTERM', forward).on('SIGINT', forward);
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-8_000);
      });
    }
    npm.once('error', reject);
    npm.once('close', (code, signal) => {
      process.off('SIGTERM', forward).off('SIGINT', forward);
      if (interrupted) return reject(new Interrupted(interrupted));
      if (code === 0) return resolve(undefined);
      return reject(new Error(explain(output, code ?? signal)));
    });
  });
}

function explain(output, status) {
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(output);
  const fix = offline
    ? 'The npm registry is not reachable. Fix: connect to the network (or tell npm your proxy or registry) and try again.'
    : "npm's own words are above. Fix: try `npm ci` by hand in the checkout.";
  const words = output
    .trim()
    .split('\n')
    .slice(0, offline ? 4 : 15)
    .join('\n');
  return `npm ci failed (${status}):\n${words}\n${fix}`;
}

/** Makes node_modules match package-lock.json. At once when it does already; safe when two run together. */
export async function ensureInstalled() {
  checkPlatform();
  if (isInstalled()) return;
  const onWait = (pid) => say(`process ${pid} is installing; waiting for it`);
  await withLock(join(root, '.culvert', 'setup.lock'), INSTALL_DEADLINE_MS, onWait, async () => {
    if (isInstalled()) return;
    const env = environment();
    checkNpm(env);
    const started = Date.now();
    say('installing dependencies from package-lock.json (npm ci) …');
    await npmCi(env);
    writeFileSync(stampFile, lockHash());
    say(`dependencies installed in ${Math.round((Date.now() - started) / 1000)} s`);
  });
}
