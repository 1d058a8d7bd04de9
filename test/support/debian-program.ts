import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { findOnPath } from '@culvert/local';

const INSTALL_DEADLINE_MS = 10 * 60_000;

export interface ProgramNeeded {
  /** What it may be called, best first. */
  readonly names: readonly string[];
  /** Debian's package of it. */
  readonly package: string;
  /** The environment variable that names one. */
  readonly variable: string;
}

/**
 * A program that some tests need and npm does not bring: the one that the variable names, one on PATH, or Debian's
 * package, which root may install. Rejects with words that name the fix.
 */
export async function findProgram(needed: ProgramNeeded): Promise<string> {
  const given = process.env[needed.variable];
  if (given) return given;
  const found = onPath(needed);
  if (found) return found;
  if (process.getuid?.() === 0 && findOnPath('apt-get')) await install(needed);
  const installed = onPath(needed);
  if (installed) return installed;
  throw new Error(`no ${needed.package} for the tests that need it. Fix: ${fixOf(needed)}`);
}

function onPath({ names }: ProgramNeeded): string | undefined {
  return names.map((name) => findOnPath(name)).find((path) => path !== undefined);
}

function fixOf({ package: name, variable }: ProgramNeeded): string {
  return `install it (Debian, as root: apt-get install ${name}), or set ${variable} to its path.`;
}

async function install(needed: ProgramNeeded): Promise<void> {
  const apt = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('apt-get', ['--assume-yes', '--quiet', ...args], {
      timeout: INSTALL_DEADLINE_MS,
      maxBuffer: 32 << 20,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  process.stderr.write(`test: installing Debian’s package ${needed.package} …\n`);
  try {
    // A third-party source that fails must not keep Debian's own from being used.
    await apt('update').catch((error: Error) => process.stderr.write(`test: apt-get update: ${error.message}\n`));
    await apt('install', '--no-install-recommends', needed.package);
  } catch (cause) {
    throw new Error(`Debian’s package ${needed.package} could not be installed. Fix: ${fixOf(needed)}`, { cause });
  }
}
