import type { StreamReading } from './observer.ts';

/** Sums over the connections of a proxy front, in bytes. */
export interface StreamTotals {
  /** Towards targets, and from them, of all connections since the process began. */
  readonly sent: number;
  readonly received: number;
  /** Of those that are open now. */
  readonly unacknowledged: number;
  readonly unconsumed: number;
  readonly window: number;
}

/** Adds up what streams say of themselves when somebody looks: nothing is counted while bytes pass. */
export class StreamReadings {
  readonly #open = new Set<StreamReading>();
  #sent = 0;
  #received = 0;

  add(stream: StreamReading): void {
    this.#open.add(stream);
  }

  /** It is over: what it carried stays in the totals. */
  remove(stream: StreamReading): void {
    if (!this.#open.delete(stream)) return;
    this.#sent += stream.bytesSent;
    this.#received += stream.bytesReceived;
  }

  /** Looks at each open connection once. */
  read(): StreamTotals {
    let [sent, received] = [this.#sent, this.#received];
    let [unacknowledged, unconsumed, window] = [0, 0, 0];
    for (const stream of this.#open) {
      sent += stream.bytesSent;
      received += stream.bytesReceived;
      unacknowledged += stream.unacknowledged;
      unconsumed += stream.unconsumed;
      window += stream.window;
    }
    return { sent, received, unacknowledged, unconsumed, window };
  }
}
