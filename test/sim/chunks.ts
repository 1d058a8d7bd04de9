import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * Seeds that one process runs: what waits when a simulation ends waits for ever, and the signals among it are never let go of
 * by Node.js (some 280 KB for each seed).
 */
const CHUNK = 500;
const PROGRESS_MS = 2_000;
const MAX_JOBS = 4;

/** What a child tells of a seed that it has done. */
export interface Done {
  readonly bytes: number;
}

/** Runs many seeds in several processes, chunk by chunk. Resolves to 0, or to 1 as soon as one has failed, which it has told. */
export async function runChunks(from: number, count: number, say: (line: string) => void): Promise<number> {
  const started = performance.now();
  const running = new Set<ChildProcess>();
  let next = from;
  let done = 0;
  let bytes = 0;
  let failed = false;
  const progress = (): void => {
    const rate = (done * 1_000) / (performance.now() - started);
    say(`${done} of ${count} seeds, ${rate.toFixed(1)} seeds/s, ${Math.round(bytes / 1e6)} MB compared`);
  };
  const timer = setInterval(progress, PROGRESS_MS);

  async function work(): Promise<void> {
    while (!failed && next < from + count) {
      const first = next;
      const seeds = Math.min(CHUNK, from + count - first);
      next += seeds;
      const child = fork(
        join(import.meta.dirname, 'main.ts'),
        ['--chunk', '--from', `${first}`, '--seeds', `${seeds}`],
        {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        },
      );
      running.add(child);
      child.on('message', (told: Done) => {
        done += 1;
        bytes += told.bytes;
      });
      const [code] = await once(child, 'exit');
      running.delete(child);
      if (code === 0) continue;
      failed = true;
      for (const other of running) other.kill();
    }
  }

  process.once('exit', () => {
    for (const child of running) child.kill();
  });
  await Promise.all(Array.from({ length: Math.min(MAX_JOBS, availableParallelism()) }, work));
  clearInterval(timer);
  if (!failed) progress();
  return failed ? 1 : 0;
}
