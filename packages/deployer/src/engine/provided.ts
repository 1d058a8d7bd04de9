import { sleep, toCulvertError, withDeadline } from '@culvert/base';
import type { Observation } from '../core/types.ts';
import type { NodeProvider } from '../providers/provider.ts';

/** As long as a provider's call may take. */
const LIST_DEADLINE_MS = 10_000;
/** An operator's own command is not run more often than this. */
const FRESH_MS = 500;
/** How long a tick waits for a newer list. */
const PATIENCE_MS = 1_500;
/** An older list than this is none. */
const STALE_MS = 15_000;

type Provided = Observation['provided'];

/** A provider's nodes, asked for in the background: its list may take longer than a tick has. */
export class ProvidedNodes {
  readonly #provider: NodeProvider;
  readonly #now: () => number;
  #last: { readonly nodes: Provided; readonly atMs: number } | undefined;
  #asking: Promise<void> | undefined;

  constructor(provider: NodeProvider, now: () => number = () => performance.now()) {
    this.#provider = provider;
    this.#now = now;
  }

  async list(): Promise<Provided> {
    if (this.#ageMs < FRESH_MS && this.#last !== undefined) return this.#last.nodes;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    const enough = new AbortController();
    await Promise.race([this.#asking, sleep(PATIENCE_MS, enough.signal)]);
    enough.abort();
    if (this.#last !== undefined && this.#ageMs < STALE_MS) return this.#last.nodes;
    return { error: 'the provider has not said yet which nodes it has' };
  }

  get #ageMs(): number {
    return this.#last === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#last.atMs;
  }

  async #ask(): Promise<void> {
    let nodes: Provided;
    try {
      nodes = await withDeadline(LIST_DEADLINE_MS, "the provider's list", (signal) => this.#provider.list(signal));
    } catch (error) {
      const { code, message } = toCulvertError(error);
      nodes = { error: `${code}: ${message}` };
    }
    this.#last = { nodes, atMs: this.#now() };
  }
}
