import type { Clock } from '@culvert/base';
import type { SessionLink } from './session-link.ts';

/** What has left a link is gone at once; an edge that comes back to it has this long to see that it is the wrong one. */
const EMPTYING_MS = 15_000;

/** Links in whose place a newer one is up: each is let go when it carries nothing (S4 of supervisor.ts). */
export class EmptyingLinks {
  readonly #clock: Clock;
  /** With what cancels the deadline of each. */
  readonly #links = new Map<SessionLink, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Its streams go on over the newer link, which their edges have yet to find. Without RESUME they end here, in their time. */
  add(link: SessionLink): void {
    const close = (): void => link.close('shutting_down', 'moved to another worker');
    const late = (): void => {
      link.link.leave(); // what came back to it meanwhile
      close();
    };
    this.#links.set(link, link.resumable ? this.#clock.after(EMPTYING_MS, late) : () => undefined);
    link.link.leave();
    link.link.whenEmpty(close);
  }

  /** The link has ended. Returns whether it was one of these. */
  delete(link: SessionLink): boolean {
    this.#links.get(link)?.();
    return this.#links.delete(link);
  }

  /** The agent ends: nothing is waited for any more. Returns what is to be closed. */
  takeAll(): SessionLink[] {
    const links = [...this.#links.keys()];
    for (const cancelDeadline of this.#links.values()) cancelDeadline();
    this.#links.clear();
    return links;
  }
}
