import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CulvertError } from '@culvert/base';

const run = promisify(execFile);
const root = dirname(dirname(import.meta.dirname));
const DEADLINE_MS = 60_000;

/** What was released last: nodes of it run beside nodes of this checkout while that is rolled out. */
export const PREVIOUS = { version: '0.1.0', commit: '413cbe39ba89ec8a09f7957c5d686c8504a24287' } as const;

/** Why there is no previous release to be had here; undefined: there is. A copy without history has none. */
export async function previousReleaseMissing(): Promise<string | undefined> {
  try {
    await run('git', ['-C', root, 'cat-file', '-e', `${PREVIOUS.commit}^{commit}`], { timeout: DEADLINE_MS });
    return undefined;
  } catch {
    return `the history of this checkout lacks ${PREVIOUS.version} (${PREVIOUS.commit.slice(0, 12)}): git fetch --unshallow`;
  }
}

/** A checkout of the previous release, with the dependencies of this one; made once, and kept. */
export async function previousRelease(): Promise<string> {
  const releases = join(root, '.culvert', 'releases');
  const directory = join(releases, PREVIOUS.commit.slice(0, 12));
  if (existsSync(directory)) return directory;
  mkdirSync(releases, { recursive: true });
  const making = mkdtempSync(join(releases, 'making-'));
  try {
    const archive = join(making, 'release.tar');
    const paths = ['packages', 'setup', 'package.json', 'tsconfig.base.json'];
    await run('git', ['-C', root, 'archive', '--output', archive, PREVIOUS.commit, ...paths], { timeout: DEADLINE_MS });
    await run('tar', ['-xf', archive, '-C', making], { timeout: DEADLINE_MS });
    rmSync(archive);
    linkDependencies(making);
    renameSync(making, directory);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (existsSync(directory)) return directory; // another process was quicker
    throw new CulvertError('start_failed', `${PREVIOUS.version} can't be checked out`, { cause: error });
  }
  return directory;
}

/** Libraries are those of this checkout, by links; Culvert's own packages are the release's. */
function linkDependencies(directory: string): void {
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@culvert'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@culvert')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(directory, 'packages'))) {
    symlinkSync(join('..', '..', 'packages', name), join(modules, '@culvert', name));
  }
}
