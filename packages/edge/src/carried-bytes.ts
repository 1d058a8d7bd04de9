import { CANARY_TENANT } from '@culvert/contracts';
import type { ConnectionObserver, ConnectionWish, EdgeObserver, StreamReading } from './observer.ts';
import { StreamReadings } from './stream-readings.ts';

const nothing = (): void => undefined;
const QUIET: ConnectionObserver = {
  ...{ opened: nothing, failed: nothing, detached: nothing, resumed: nothing, lost: nothing, closed: nothing },
};

/** What customers' connections of a proxy front have carried since the process began; read when somebody looks. Bytes. */
export class CarriedBytes implements EdgeObserver {
  readonly #readings = new StreamReadings();

  /** From the browsers, and to them. */
  read(): { readonly bytesIn: number; readonly bytesOut: number } {
    const { sent, received } = this.#readings.read();
    return { bytesIn: sent, bytesOut: received };
  }

  connecting({ tenantId }: ConnectionWish): ConnectionObserver {
    if (tenantId === CANARY_TENANT) return QUIET;
    let open: StreamReading | undefined;
    const opened = (_setupMs: number, stream: StreamReading): void => {
      open = stream;
      this.#readings.add(stream);
    };
    const closed = (): void => {
      if (open !== undefined) this.#readings.remove(open);
    };
    return { ...QUIET, opened, closed };
  }

  refused(): void {}
}
