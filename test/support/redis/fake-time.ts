import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '..', '..', '..', '.culvert', 'faketime');
const DEADLINE_MS = 120_000;
const PACKAGE = 'libfaketime';
const LIBRARY = 'libfaketimeMT.so.1';
const VARIABLE = 'CULVERT_LIBFAKETIME';
const FIX = `Fix: set ${VARIABLE} to the path of ${LIBRARY} (Debian's package ${PACKAGE}).`;

/**
 * The library that gives one process a clock of its own: what CULVERT_LIBFAKETIME names, or Debian's package, unpacked
 * into the checkout's data folder and not installed. Rejects with words that name the fix.
 */
export async function findFakeTime(): Promise<string> {
  const given = process.env[VARIABLE];
  if (given) return given;
  const known = await libraryIn(CACHE);
  if (known !== undefined) return known;
  await mkdir(join(CACHE, '..'), { recursive: true });
  const dir = await mkdtemp(`${CACHE}-`);
  try {
    await unpack(dir);
    await rename(dir, CACHE).catch((error: NodeJS.ErrnoException) => {
      // Somebody else did the same meanwhile.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (cause) {
    throw new Error(`Debian’s package ${PACKAGE} could not be had. ${FIX}`, { cause });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const library = await libraryIn(CACHE);
  if (library === undefined) throw new Error(`Debian’s package ${PACKAGE} has no ${LIBRARY} in it. ${FIX}`);
  return library;
}

async function unpack(dir: string): Promise<void> {
  const options = { cwd: dir, timeout: DEADLINE_MS };
  const download = (): Promise<unknown> => run('apt-get', ['download', '--quiet', PACKAGE], options);
  // A machine that is new has no lists of packages yet; root may fetch them.
  await download().catch(async () => {
    await run('apt-get', ['update', '--quiet'], options);
    await download();
  });
  const archive = (await readdir(dir)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get has downloaded nothing');
  await run('dpkg-deb', ['--extract', archive, 'root'], options);
}

async function libraryIn(dir: string): Promise<string | undefined> {
  const names = await readdir(dir, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = names.find((name) => name.endsWith(`/${LIBRARY}`));
  return found === undefined ? undefined : join(dir, found);
}
