import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CulvertError } from '@culvert/base';
import { type FileLock, tryFileLock } from './file-lock.ts';

/** The folder that holds everything of one cluster, and the claim on it. */
export interface DataDir {
  readonly path: string;
  readonly logs: string;
  readonly lock: FileLock;
}

/** Claims the folder for this process. Rejects with `data_dir_in_use`, naming the process that has it. */
export function claimDataDir(path: string): DataDir {
  const absolute = resolve(path);
  const logs = join(absolute, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const attempt = tryFileLock(join(absolute, 'cluster.lock'));
  if ('lock' in attempt) return { path: absolute, logs, lock: attempt.lock };
  throw new CulvertError('data_dir_in_use', `${absolute} is in use by the cluster of process ${attempt.heldBy}`, {
    fix: `Stop that one (Ctrl-C there, or kill ${attempt.heldBy}), or choose another with --data-dir.`,
  });
}

/** The secret that was made for this folder, made now if there is none. */
export function clusterSecretOf(dataDir: string): string {
  const path = secretFile(dataDir);
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    chmodSync(path, 0o600);
  }
  return readFileSync(path, 'utf8').trim();
}

/** The same, without making one; undefined: no cluster was ever started there. */
export function readClusterSecret(dataDir: string): string | undefined {
  try {
    return readFileSync(secretFile(dataDir), 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function secretFile(dataDir: string): string {
  return join(dataDir, 'secret');
}
