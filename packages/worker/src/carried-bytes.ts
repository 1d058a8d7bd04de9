import type { Circuit } from './circuit.ts';

/** Bytes of customers' connections that passed through this worker since its process began. */
export interface Carried {
  /** From the browsers. */
  readonly bytesIn: number;
  /** To the browsers. */
  readonly bytesOut: number;
}

/** Adds up what circuits counted when somebody looks: nothing more is counted while bytes pass. */
export class CarriedBytes {
  readonly #open = new Set<Circuit>();
  #bytesIn = 0;
  #bytesOut = 0;

  came(circuit: Circuit): void {
    this.#open.add(circuit);
  }

  /** Nothing passes on this circuit any more: it ended, or goes on over another. What it carried stays in the sums. */
  left(circuit: Circuit): void {
    if (!this.#open.delete(circuit)) return;
    const { bytesIn, bytesOut } = circuit.carried;
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
  }

  /** Looks at each circuit that is open once. */
  read(): Carried {
    let [bytesIn, bytesOut] = [this.#bytesIn, this.#bytesOut];
    for (const { carried } of this.#open) {
      bytesIn += carried.bytesIn;
      bytesOut += carried.bytesOut;
    }
    return { bytesIn, bytesOut };
  }
}
