import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findOnPath } from '@culvert/local';

const INSTALL_DEADLINE_MS = 10 * 60_000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/**
 * A Chromium for browser tests: CULVERT_CHROMIUM, one on PATH, or Debian's package, which root may install.
 * Rejects with words that name the fix.
 */
export async function findChromium(): Promise<string> {
  const given = process.env.CULVERT_CHROMIUM;
  if (given) return given;
  const found = onPath();
  if (found) return found;
  if (process.getuid?.() === 0 && findOnPath('apt-get')) await install();
  const installed = onPath();
  if (installed) return installed;
  throw new Error(
    'no Chromium for the browser tests. Fix: install one (Debian, as root: apt-get install chromium), or set CULVERT_CHROMIUM to its path.',
  );
}

function onPath(): string | undefined {
  return NAMES.map((name) => findOnPath(name)).find((path) => path !== undefined);
}

async function install(): Promise<void> {
  const apt = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('apt-get', ['--assume-yes', '--quiet', ...args], {
      timeout: INSTALL_DEADLINE_MS,
      maxBuffer: 32 << 20,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  process.stderr.write('test: installing Debian’s chromium for the browser tests …\n');
  try {
    // A third-party source that fails must not keep Debian's own from being used.
    await apt('update').catch((error: Error) => process.stderr.write(`test: apt-get update: ${error.message}\n`));
    await apt('install', '--no-install-recommends', 'chromium');
  } catch (cause) {
    throw new Error('Debian’s chromium could not be installed. Fix: install it by hand, or set CULVERT_CHROMIUM.', {
      cause,
    });
  }
}
