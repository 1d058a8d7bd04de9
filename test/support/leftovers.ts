import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The variable that everything started by a test run inherits: it finds what outlives its test. */
export const MARK = 'CULVERT_TEST_RUN';

/** A child whose parent has just died needs a moment to notice and to stop. */
const GRACE_MS = 3_000;
const POLL_MS = 100;

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** Processes that carry the mark, beside this one; waits a moment for those that are about to end. Kills the rest. */
export async function endLeftovers(mark: string): Promise<Leftover[]> {
  const deadline = performance.now() + GRACE_MS;
  let found = findMarked(mark);
  while (found.length > 0 && performance.now() < deadline) {
    await delay(POLL_MS);
    found = findMarked(mark);
  }
  for (const { pid } of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended by itself between the look and now
    }
  }
  return found;
}

/** By /proc, so on Linux only; elsewhere the clusters' own checks have to do. */
export function findMarked(mark: string): Leftover[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
        if (!environment.includes(`${MARK}=${mark}`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), command }];
      } catch {
        return []; // ended, or somebody else's
      }
    });
}
