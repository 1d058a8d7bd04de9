import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { CulvertError } from '@culvert/base';

const USUAL_ENTRY = join('packages', 'cli', 'src', 'main.ts');

/**
 * The script of the `culvert` command in another checkout: where `ownEntry` is in its own, or the usual place. Throws
 * `invalid_request` if there is none.
 */
export function entryOf(directory: string, ownEntry: string): string {
  if (!isAbsolute(directory)) throw new CulvertError('invalid_request', `${directory} is no absolute path`);
  const root = checkoutOf(ownEntry);
  const candidates = [...(root === undefined ? [] : [relative(root, ownEntry)]), USUAL_ENTRY];
  const found = candidates.map((path) => join(directory, path)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CulvertError('invalid_request', `${directory} is no checkout of Culvert: it has no ${candidates[0]}`);
}

/** The folder above that is a whole workspace; undefined: it was installed from packages. */
function checkoutOf(entry: string): string | undefined {
  for (let folder = dirname(entry); dirname(folder) !== folder; folder = dirname(folder)) {
    if (isWorkspace(join(folder, 'package.json'))) return folder;
  }
  return undefined;
}

function isWorkspace(path: string): boolean {
  if (!existsSync(path)) return false;
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'workspaces' in manifest;
}
