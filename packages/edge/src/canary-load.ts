import { CANARY_TENANT } from '@culvert/contracts';
import type { ConnectionObserver, ConnectionWish, EdgeObserver } from './observer.ts';

const nothing = (): void => undefined;
const QUIET: ConnectionObserver = {
  ...{ opened: nothing, failed: nothing, detached: nothing, resumed: nothing, lost: nothing, closed: nothing },
};

/** How many of the connections now are the canary tenant's: what a node tells of its load is of customers. */
export class CanaryLoad implements EdgeObserver {
  #open = 0;

  get connections(): number {
    return this.#open;
  }

  connecting({ tenantId }: ConnectionWish): ConnectionObserver {
    if (tenantId !== CANARY_TENANT) return QUIET;
    const opened = (): void => {
      this.#open += 1;
    };
    const closed = (): void => {
      this.#open -= 1;
    };
    return { ...QUIET, opened, closed };
  }

  refused(): void {}
}
