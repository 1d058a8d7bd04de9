import { join } from 'node:path';
import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import { withFileLock } from '../file-lock.ts';
import { findOnPath } from '../find-on-path.ts';
import { unpackDistributionRedis } from './distribution.ts';

export interface RedisBinaryOptions {
  /** Where an unpacked Redis is kept for every cluster of this checkout. */
  readonly cacheDir: string;
  readonly logger: Logger;
  /** The search path; the process's own unless given. */
  readonly path?: string;
  /** Ends a download that is under way; the rejection has its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How long another process may take to unpack the same packages. */
const FETCH_DEADLINE_MS = 5 * 60_000;

const FIX = [
  'Install Redis (Debian, Ubuntu: apt-get install redis-server · Fedora: dnf install valkey · macOS: brew install redis)',
  'or set CULVERT_REDIS_URL to one that runs already, such as redis://127.0.0.1:6379.',
].join('\n     ');

/**
 * A program that runs a Redis server: `redis-server` or `valkey-server` on PATH, else the distribution's package,
 * unpacked into the cache.
 * @throws CulvertError `redis_unobtainable`, whose `fix` says what to do.
 */
export async function findRedisBinary(options: RedisBinaryOptions): Promise<string> {
  const { logger, signal } = options;
  const found = findOnPath('redis-server', options.path) ?? findOnPath('valkey-server', options.path);
  if (found) return found;
  const lock = join(options.cacheDir, 'redis-dist.lock');
  try {
    return await withFileLock(lock, FETCH_DEADLINE_MS, () =>
      unpackDistributionRedis({ dir: join(options.cacheDir, 'redis-dist'), logger, signal }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = toCulvertError(error);
    throw new CulvertError('redis_unobtainable', `no redis-server or valkey-server on PATH, and ${message}`, {
      fix: FIX,
      cause: error,
    });
  }
}
