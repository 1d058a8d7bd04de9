import { type Clock, pause } from '@culvert/base';
import type { SessionView } from '@culvert/registry';
import { type LatestSource, latestFrame } from '../streams/latest-stream.ts';
import type { Look, SessionLooker } from './look.ts';

/** Between two looks at a session that is watched, ms. */
const EVERY_MS = 1_000;

export interface SessionWatchOptions {
  readonly looker: Pick<SessionLooker, 'look'>;
  /** The session as whoever watches first has found it. */
  readonly view: SessionView;
  readonly clock: Clock;
  readonly everyMs?: number;
  /** The last watcher has gone. */
  readonly onOver: () => void;
}

/** Looks at one session while somebody watches it: once for all who do. */
export class SessionWatch implements LatestSource {
  readonly #options: SessionWatchOptions;
  readonly #listeners = new Set<(frame: string) => void>();
  readonly #over = new AbortController();
  #last: string | undefined;
  #running = false;

  constructor(options: SessionWatchOptions) {
    this.#options = options;
  }

  watch(listener: (frame: string) => void): () => void {
    this.#listeners.add(listener);
    if (this.#last !== undefined) listener(this.#last);
    if (!this.#running) {
      this.#running = true;
      void this.#run(); // never rejects: a look does not
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#over.abort();
      this.#options.onOver();
    };
  }

  async #run(): Promise<void> {
    const { looker, clock, everyMs = EVERY_MS } = this.#options;
    let { view } = this.#options;
    const { signal } = this.#over;
    while (!signal.aborted) {
      const began = clock.monotonic();
      const seen = await looker.look(view.id, view);
      view = seen.view;
      this.#last = frameOf(seen.look, view.id);
      for (const listener of this.#listeners) listener(this.#last);
      await pause(clock, Math.max(0, began + everyMs - clock.monotonic()), signal);
    }
  }
}

function frameOf(look: Look, session: string): string {
  return look.kind === 'live' ? latestFrame('session', look.live) : latestFrame('gone', { session });
}
