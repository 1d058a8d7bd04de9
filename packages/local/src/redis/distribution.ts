import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CulvertError, type Logger } from '@culvert/base';
import { findOnPath } from '../find-on-path.ts';

const run = promisify(execFile);

/** Enough for a slow mirror; a hung one must not hang `npm start`. */
const APT_DEADLINE_MS = 180_000;
/** Debian 13 and Ubuntu 25.04 have both; older ones only Redis. */
const PACKAGES = ['redis-server', 'valkey-server'] as const;

export interface DistributionOptions {
  /** Everything goes below it: package lists, archives, the unpacked files. */
  readonly dir: string;
  readonly logger: Logger;
  /** dpkg's record of what is installed. */
  readonly statusFile?: string;
  /** Ends a download that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Redis (or Valkey) from the distribution's own packages, unpacked below `dir` and not installed: no root, no
 * system service, nothing outside `dir` is written. Resolves with the path of a script that starts it with the
 * unpacked libraries. What is unpacked already is used again.
 * @throws CulvertError `redis_unobtainable` when this is no Debian-like system, or the packages can't be had.
 */
export async function unpackDistributionRedis(options: DistributionOptions): Promise<string> {
  const launcher = join(options.dir, 'bin', 'redis-server');
  if (await exists(launcher)) return launcher;
  if (!findOnPath('apt-get') || !findOnPath('dpkg-deb')) {
    throw new CulvertError('redis_unobtainable', 'this system has no apt-get to take the redis-server package from');
  }
  await mkdir(options.dir, { recursive: true });
  const config = await writeAptConfig(options);
  const archives = await download(config, options);
  const root = join(options.dir, 'root');
  await rm(root, { recursive: true, force: true });
  for (const archive of archives) await run('dpkg-deb', ['--extract', archive, root]);
  const binary = await findBinary(root);
  await writeLauncher(launcher, binary, await libraryFolders(root));
  await rm(join(options.dir, 'apt'), { recursive: true, force: true });
  return launcher;
}

/**
 * apt with lists, cache and status of its own. The status lacks Redis and Valkey: an installed one that was not
 * found on PATH would otherwise not be downloaded. Hooks of the system's configuration are dropped: they clean
 * the system's cache.
 */
async function writeAptConfig({ dir, statusFile = '/var/lib/dpkg/status' }: DistributionOptions): Promise<string> {
  const apt = join(dir, 'apt');
  await mkdir(join(apt, 'lists', 'partial'), { recursive: true });
  await mkdir(join(apt, 'cache', 'archives', 'partial'), { recursive: true });
  const stanzas = (await readFile(statusFile, 'utf8')).split('\n\n');
  const kept = stanzas.filter((stanza) => !/^Package: (redis|valkey)/m.test(stanza));
  await writeFile(join(apt, 'status'), kept.join('\n\n'));
  const config = join(apt, 'apt.conf');
  const lines = [
    `Dir::State "${apt}";`,
    `Dir::State::status "${join(apt, 'status')}";`,
    `Dir::State::lists "${join(apt, 'lists')}";`,
    `Dir::Cache "${join(apt, 'cache')}";`,
    'Debug::NoLocking "true";',
    'APT::Sandbox::User "";',
    'APT::Install-Recommends "false";',
    'Acquire::Retries "2";',
    'Acquire::Languages "none";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '#clear DPkg::Pre-Invoke;',
    '#clear DPkg::Post-Invoke;',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  return config;
}

/** The archives of the server and of those of its dependencies that this system lacks. */
async function download(config: string, { dir, logger, signal }: DistributionOptions): Promise<string[]> {
  const apt = (...args: string[]): Promise<unknown> =>
    run('apt-get', ['--config-file', config, '--assume-yes', '--quiet', ...args], {
      timeout: APT_DEADLINE_MS,
      signal,
      maxBuffer: 8 << 20,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
  logger.info({ event: 'redis.fetch' }, 'fetching the package lists of this distribution');
  // A third-party source that fails makes the whole update fail; whether Redis can be had shows below.
  const update = await apt('update').then(() => undefined, lastWords);
  const failures: string[] = update === undefined ? [] : [`apt-get update: ${update}`];
  const folder = join(dir, 'apt', 'cache', 'archives');
  for (const name of PACKAGES) {
    try {
      logger.info({ event: 'redis.fetch', package: name }, `downloading the package ${name}`);
      await apt('--download-only', 'install', name);
      const files = await readdir(folder);
      return files.filter((file) => file.endsWith('.deb')).map((file) => join(folder, file));
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(`apt-get --download-only install ${name}: ${lastWords(error)}`);
    }
  }
  throw new CulvertError(
    'redis_unobtainable',
    `the distribution's package could not be had:\n  ${failures.join('\n  ')}`,
  );
}

/** The last line of what apt said is the one that says what went wrong. */
function lastWords(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return stderr.trim().split('\n').at(-1) || String(error);
}

async function findBinary(root: string): Promise<string> {
  for (const name of PACKAGES) {
    const path = join(root, 'usr', 'bin', name);
    if (await exists(path)) return path;
  }
  throw new CulvertError('redis_unobtainable', 'the packages that were downloaded hold no server');
}

/** Folders below `root` that hold shared libraries. */
async function libraryFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const folders = entries.filter(({ name }) => /\.so(\.\d+)*$/.test(name)).map(({ parentPath }) => parentPath);
  return [...new Set(folders)];
}

/** Written last and renamed into place: if it is there, everything it needs is. */
async function writeLauncher(path: string, binary: string, libraries: string[]): Promise<void> {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const prefix = libraries.length > 0 ? `LD_LIBRARY_PATH=${quote(libraries.join(':'))} ` : '';
  const script = `#!/bin/sh\n${prefix}exec ${quote(binary)} "$@"\n`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, script, { mode: 0o755 });
  await run(`${path}.new`, ['--version']).catch((cause: unknown) => {
    throw new CulvertError('redis_unobtainable', `the unpacked server does not start: ${lastWords(cause)}`, { cause });
  });
  await rename(`${path}.new`, path);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
