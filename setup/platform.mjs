// Plain words for a machine that can't run Culvert, before anything fails in a way nobody understands.
import { spawnSync } from 'node:child_process';

const OLDEST_NODE = 20;
const OLDEST_NPM = 10;

/** Throws an Error that names the fix when this Node.js or this operating system will not do. */
export function checkPlatform() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new Error(`Node.js ${OLDEST_NODE} or newer is needed; this is ${process.version}. Fix: https://nodejs.org`);
  }
  if (process.platform === 'win32') {
    throw new Error('Windows is not supported. Fix: run this inside WSL 2.');
  }
}

/** Throws when npm is absent or too old for the lock file. */
export function checkNpm(env) {
  const { error, status, stdout } = spawnSync('npm', ['--version'], { env, encoding: 'utf8', timeout: 30_000 });
  if (error || status !== 0) {
    throw new Error(
      'npm is not on PATH, and the dependencies are not installed. Fix: install npm (it comes with Node.js).',
    );
  }
  if (Number(stdout.trim().split('.')[0]) < OLDEST_NPM) {
    throw new Error(`npm ${OLDEST_NPM} or newer is needed; this is ${stdout.trim()}. Fix: npm install --global npm`);
  }
}
