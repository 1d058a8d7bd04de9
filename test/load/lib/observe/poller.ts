import { pause, systemClock } from '@culvert/base';

/** Does something every so often until it is closed; one that fails is left out, for the cluster may be in trouble on purpose. */
export class Poller implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #failures = 0;

  constructor(everyMs: number, look: (signal: AbortSignal) => Promise<void>) {
    this.#done = this.#run(everyMs, look);
  }

  /** Times that it could not look. */
  get failures(): number {
    return this.#failures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(everyMs: number, look: (signal: AbortSignal) => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await look(this.#stop.signal);
      } catch {
        this.#failures += 1;
      }
      if (this.#stop.signal.aborted) return;
      await pause(systemClock, everyMs, this.#stop.signal);
    }
  }
}
