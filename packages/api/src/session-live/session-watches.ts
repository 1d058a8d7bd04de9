import { type Clock, systemClock } from '@culvert/base';
import type { SessionView } from '@culvert/registry';
import type { SessionLooker } from './look.ts';
import { SessionWatch } from './session-watch.ts';

export interface SessionWatchesOptions {
  readonly looker: Pick<SessionLooker, 'look'>;
  readonly clock?: Clock;
  readonly everyMs?: number;
}

/** The sessions that are watched in this process, each looked at by one; as many as there are streams, which are bounded. */
export class SessionWatches {
  readonly #options: SessionWatchesOptions;
  readonly #watches = new Map<string, SessionWatch>();

  constructor(options: SessionWatchesOptions) {
    this.#options = options;
  }

  /** How many sessions are watched. */
  get size(): number {
    return this.#watches.size;
  }

  of(view: SessionView): SessionWatch {
    const known = this.#watches.get(view.id);
    if (known !== undefined) return known;
    const { looker, everyMs, clock = systemClock } = this.#options;
    const pace = everyMs === undefined ? {} : { everyMs };
    const onOver = (): void => void this.#watches.delete(view.id);
    const watch = new SessionWatch({ looker, view, clock, ...pace, onOver });
    this.#watches.set(view.id, watch);
    return watch;
  }
}
