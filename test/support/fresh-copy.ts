import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));
/** What a clone of the repository would not have. */
const NOT_CLONED = new Set(['.git', 'node_modules', '.culvert', '.turbo', 'dist']);

export interface FreshCopyOptions {
  /** False: without dependencies, as a clone is; the set-up has to bring them. */
  readonly dependencies: boolean;
}

/** Copies this checkout, with what is not committed yet, into `to`. */
export function copyCheckout(to: string, { dependencies }: FreshCopyOptions): void {
  cpSync(root, to, { recursive: true, filter: (path) => path === root || !NOT_CLONED.has(basename(path)) });
  if (dependencies) linkDependencies(join(root, 'node_modules'), join(to, 'node_modules'));
}

/**
 * Every dependency by a link, for they are large. The workspace's own packages are those of the copy, and so are npm's
 * and the set-up's notes of what is installed, which may be written to.
 */
function linkDependencies(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === '.cache') continue; // other processes write to it while this one would read
    if (name.startsWith('.') || name === '@culvert') {
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    } else symlinkSync(join(from, name), join(to, name));
  }
}
