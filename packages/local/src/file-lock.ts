import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CulvertError, sleep } from '@culvert/base';
import { processStartTime } from './processes.ts';

/** How often a waiting process looks whether the holder has let go. */
const POLL_MS = 100;
/** A file that no holder can be read from longer than this is the trace of a crash in mid-write. */
const UNREADABLE_AFTER_MS = 5_000;

/** A held lock file. It names its holder: pid and, against reused pids, when that process started. */
export interface FileLock {
  release(): void;
}

export type LockAttempt = { readonly lock: FileLock } | { readonly heldBy: number };

/** Takes the lock, or tells who holds it. A lock whose holder is dead is taken over. */
export function tryFileLock(path: string): LockAttempt {
  for (;;) {
    if (createExclusively(path)) return { lock: { release: () => rmSync(path, { force: true }) } };
    const holder = readHolder(path);
    if (holder !== 'gone' && holder !== 'dead') return { heldBy: holder };
    if (holder === 'dead') takeAway(path);
  }
}

/** Runs `work` while this process holds the lock; waits for a living holder up to `deadlineMs`. */
export async function withFileLock<T>(path: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const deadline = performance.now() + deadlineMs;
  let attempt = tryFileLock(path);
  while (!('lock' in attempt)) {
    if (performance.now() > deadline) {
      throw new CulvertError('timeout', `process ${attempt.heldBy} has held ${path} for ${deadlineMs} ms`);
    }
    await sleep(POLL_MS);
    attempt = tryFileLock(path);
  }
  try {
    return await work();
  } finally {
    attempt.lock.release();
  }
}

/** Removing a dead holder's file is a critical section: two that both saw it must not remove each other's new one. */
function takeAway(path: string): void {
  const guard = `${path}.takeover`;
  if (!createExclusively(guard)) {
    if (readHolder(guard) === 'dead') rmSync(guard, { force: true });
    return;
  }
  try {
    if (readHolder(path) === 'dead') rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function createExclusively(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} ${processStartTime(process.pid) ?? '-'}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function readHolder(path: string): number | 'dead' | 'gone' {
  try {
    const [pid = '', started = ''] = readFileSync(path, 'utf8').trim().split(' ');
    if (!/^\d+$/.test(pid) || started === '') {
      return Date.now() - statSync(path).mtimeMs > UNREADABLE_AFTER_MS ? 'dead' : 0;
    }
    const now = processStartTime(Number(pid));
    return now !== undefined && (started === '-' || now === started) ? Number(pid) : 'dead';
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'gone';
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
