import type { ChaosRun } from '@culvert/contracts';
import type { Output } from '../output.ts';
import { progress } from './words.ts';

/** Clears the line that the cursor is in. */
const AGAIN = '\r\u001b[2K';

/** Shows how a rehearsal goes on: one living line in a terminal, elsewhere a line for each change of its steps. */
export class Teller {
  readonly #to: Output & { readonly isTTY?: boolean; readonly columns?: number };
  #said = '';

  constructor(to: Output) {
    this.#to = to;
  }

  show(run: ChaosRun): void {
    if (this.#to.isTTY === true) {
      this.#to.write(`${AGAIN}${progress(run).slice(0, (this.#to.columns ?? 80) - 1)}`);
      return;
    }
    const states = run.steps.map(({ state }) => state).join();
    if (states !== this.#said) this.#to.write(`${progress(run)}\n`);
    this.#said = states;
  }

  end(): void {
    if (this.#to.isTTY === true) this.#to.write(AGAIN);
  }
}
