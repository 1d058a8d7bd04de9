import { ManualClock } from '@culvert/mux/testing';
import type { Execution } from './execution.ts';

const STEP_MS = 1;

interface Started {
  readonly vu: number;
  readonly atMs: number;
  readonly dueMs: number;
}

/** An executor's world on a clock that is moved by hand: what it starts takes `tookMs`. */
export class Bench {
  readonly clock = new ManualClock();
  readonly started: Started[] = [];
  readonly stop = new AbortController();
  dropped = 0;
  made = 0;
  /** Iterations under way, and the most of them at once. */
  active = 0;
  most = 0;
  interrupted = 0;
  tookMs: (iteration: number) => number = () => 0;

  readonly execution: Execution = {
    clock: this.clock,
    startMs: 0,
    stopping: this.stop.signal,
    newVu: () => {
      this.made += 1;
      return { id: this.made };
    },
    iterate: (vu, dueMs, interrupt) => this.#iterate(vu.id, dueMs, interrupt),
    drop: () => {
      this.dropped += 1;
    },
  };

  /** Moves the time on in small steps, so that everything that waits gets its turn, until `work` is done. Answers when that was. */
  async until(work: Promise<void>, limitMs = 120_000): Promise<number> {
    let done = false;
    const ended = work.then(() => {
      done = true;
    });
    for (;;) {
      await settle();
      if (done) break;
      if (this.clock.monotonic() > limitMs) throw new Error(`it is not done after ${limitMs} ms`);
      this.clock.advance(STEP_MS);
    }
    await ended;
    return this.clock.monotonic();
  }

  /** Everything gets its turn up to then. */
  async advanceTo(atMs: number): Promise<void> {
    await settle();
    while (this.clock.monotonic() < atMs) {
      this.clock.advance(Math.min(STEP_MS, atMs - this.clock.monotonic()));
      await settle();
    }
  }

  async #iterate(vu: number, dueMs: number, interrupt: AbortSignal | undefined): Promise<void> {
    const tookMs = this.tookMs(this.started.length);
    this.started.push({ vu, atMs: this.clock.monotonic(), dueMs });
    this.active += 1;
    this.most = Math.max(this.most, this.active);
    if (tookMs > 0) {
      await new Promise<void>((resolve) => {
        const onAbort = (): void => {
          this.interrupted += 1;
          resolve();
        };
        interrupt?.addEventListener('abort', onAbort);
        this.clock.after(tookMs, () => {
          interrupt?.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
    this.active -= 1;
  }
}

/** Promises that are due have been carried on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
