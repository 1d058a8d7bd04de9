import { openSync, renameSync } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';

/** Past this a log is set aside; two files of it per process are kept. */
const MAX_LOG_BYTES = 64 * 2 ** 20;
/** Lines are short; this much holds any number of them that a person wants to see. */
const TAIL_BYTES = 64 * 1024;

/**
 * Opens a log for appending; the caller closes it. `fresh` sets the one of an earlier run aside (`worker-1.log.1`).
 * Not asynchronous, so that a process that is being started can't be overlooked by a stop.
 */
export function openLog(path: string, { fresh }: { fresh: boolean }): number {
  if (fresh) setAside(path);
  return openSync(path, 'a', 0o600);
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.1`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Copies a log that has grown too large and empties it: its writer appends, and can't be told to open another. */
export async function rotateLog(path: string, maxBytes = MAX_LOG_BYTES): Promise<void> {
  const size = await stat(path).then(({ size }) => size, ignoreAbsent);
  if (size === undefined || size <= maxBytes) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
}

/** The last `lines` lines; '' when there is no such file. */
export async function readTail(path: string, lines: number): Promise<string> {
  const file = await open(path, 'r').catch(ignoreAbsent);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await file.close();
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
