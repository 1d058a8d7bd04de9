import { ownerRef } from './keys.ts';
import type { RedisClock } from './redis-clock.ts';
import type { LeasedNode, NodeBoot, NodeView } from './types.ts';

/** How long the table is believed while no hints are heard, ms. */
const DEAF_MS = 500;
/** A table as young as this is not read again for a boot that it does not know to live: many sessions have one owner. ms. */
const YOUNG_MS = 100;

export interface Owner {
  readonly link: string | undefined;
  readonly proxy: string | undefined;
}

/**
 * All nodes and how long their leases last, as they were when last asked for. It makes a look-up one GET: a boot whose
 * lease, as known, has not ended yet lives, unless it left or was replaced, which a hint tells. Asked for again when it
 * cannot tell, at most once at a time; so its cost is a list of the nodes per lease, whatever the look-ups.
 */
export class NodeTable {
  readonly #read: () => Promise<LeasedNode[]>;
  readonly #clock: RedisClock;
  #nodes = new Map<string, LeasedNode>();
  #doubtful = true;
  #deaf = true;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(read: () => Promise<LeasedNode[]>, clock: RedisClock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Some node came, went, or began anew. */
  doubt(): void {
    this.#doubtful = true;
  }

  /** Are such changes told? */
  set hearing(hearing: boolean) {
    this.#deaf = !hearing;
    this.#doubtful = true;
  }

  /** The boot's addresses if its lease is known to live; undefined: the registry has to be asked. */
  async owner(boot: NodeBoot): Promise<Owner | undefined> {
    const known = this.#live(boot);
    const isYoung = !this.#doubtful && this.#clock.monotonic() - this.#readAt < YOUNG_MS;
    if (known !== undefined || isYoung) return known;
    await this.#refresh();
    return this.#live(boot);
  }

  /**
   * What this process goes by: the node as the table has it now, or as it is read again where that is in doubt or half a second
   * old. undefined: there is none of this id. Rejects as reading does.
   */
  async believed(id: string): Promise<NodeView | undefined> {
    const isOld = (): boolean => this.#clock.monotonic() - this.#readAt > DEAF_MS;
    // A read that was under way when a change was told may have missed it; behind that, another one is begun.
    for (let reads = 0; reads < 2 && (this.#doubtful || isOld()); reads += 1) await this.#refresh();
    for (const { node } of this.#nodes.values()) if (node.id === id) return node;
    return undefined;
  }

  #live(boot: NodeBoot): Owner | undefined {
    const now = this.#clock.now();
    const old = this.#deaf && this.#clock.monotonic() - this.#readAt > DEAF_MS;
    if (now === undefined || this.#doubtful || old) return undefined;
    const found = this.#nodes.get(ownerRef(boot));
    return found !== undefined && found.leaseEndsMs > now
      ? { link: found.node.link, proxy: found.node.proxy }
      : undefined;
  }

  /** Rejects as reading does. */
  #refresh(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    this.#doubtful = false; // what is told from now on may be missing in the answer
    try {
      const nodes = await this.#read();
      this.#nodes = new Map(nodes.map((leased) => [ownerRef(leased.node), leased]));
      this.#readAt = this.#clock.monotonic();
    } catch (error) {
      this.#doubtful = true;
      throw error;
    }
  }
}
