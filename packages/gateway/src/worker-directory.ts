import { type Clock, systemClock } from '@culvert/base';
import type { NodeView } from '@culvert/registry';

/** A worker's address changes only when it is started anew; agents that dial a thousand at once must not be 1,000 look-ups. */
const FRESH_MS = 2_000;
/** Worker ids asked for at once; the ids come out of signed tickets. */
const MAX_KNOWN = 1_024;

export interface WorkerDirectoryOptions {
  readonly getNode: (id: string) => Promise<NodeView | undefined>;
  readonly clock?: Clock;
}

/** Where workers accept links, for the pass-through; look-ups are kept for a moment and shared. */
export class WorkerDirectory {
  readonly #getNode: WorkerDirectoryOptions['getNode'];
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly untilMs: number; readonly link: Promise<string | undefined> }>();

  constructor(options: WorkerDirectoryOptions) {
    this.#getNode = options.getNode;
    this.#clock = options.clock ?? systemClock;
  }

  /** `ws://host:port` of a live worker's link server, or undefined. @throws registry_unavailable */
  linkOf(id: string): Promise<string | undefined> {
    const now = this.#clock.monotonic();
    const known = this.#known.get(id);
    if (known !== undefined && known.untilMs > now) return known.link;
    const link = this.#lookUp(id);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(id, { untilMs: now + FRESH_MS, link });
    return link;
  }

  async #lookUp(id: string): Promise<string | undefined> {
    try {
      const node = await this.#getNode(id);
      return node?.role === 'worker' && node.state !== 'dead' ? node.link : undefined;
    } catch (error) {
      this.#known.delete(id); // an error is not an answer worth keeping
      throw error;
    }
  }
}
