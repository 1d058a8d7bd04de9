import { Backoff, type Clock, type Logger, pause } from '@culvert/base';
import type { NodeView } from '@culvert/registry';

const REFRESH_MS = 30_000;
/** Up to this part of the time is taken away, so that workers that started together do not ask together. */
const JITTER = 0.2;
const RETRY = { firstMs: 1_000, maxMs: REFRESH_MS };

/** Another process of the cluster that says at its `/readyz` whether it reaches the registry. */
export interface Peer {
  readonly id: string;
  /** `http://host:port` of its admin endpoints. */
  readonly admin: string;
}

export interface PeersOptions {
  readonly selfId: string;
  /** All nodes of the cluster; rejects while the registry is away. */
  readonly nodes: () => Promise<readonly NodeView[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/** Who else is there: remembered for the time when the registry cannot be asked. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  #known: readonly Peer[] = [];
  #running: Promise<void> | undefined;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Reads the list now and from time to time. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** At most `count`, in random order; none before the first list has come. */
  some(count: number): Peer[] {
    const left = [...this.#known];
    const chosen: Peer[] = [];
    while (chosen.length < count && left.length > 0) {
      chosen.push(...left.splice(Math.floor(this.#random() * left.length), 1));
    }
    return chosen;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const backoff = new Backoff({ ...RETRY, random: this.#random });
    while (!signal.aborted) {
      if (await this.#refresh()) {
        backoff.reset();
        await pause(clock, REFRESH_MS * (1 - JITTER * this.#random()), signal);
      } else await pause(clock, backoff.next(), signal);
    }
  }

  /** False: the registry could not be asked, and what was known stays known. */
  async #refresh(): Promise<boolean> {
    const { nodes, selfId, logger } = this.#options;
    try {
      this.#known = (await nodes())
        // A gateway stays ready without the registry, and a deployer may be anywhere: neither tells anything.
        .filter(({ id, role, state }) => id !== selfId && (role === 'worker' || role === 'api') && state !== 'dead')
        .map(({ id, admin }) => ({ id, admin }));
      return true;
    } catch (error) {
      logger.debug({ event: 'node.peers_unknown', err: error }, 'the list of nodes could not be read');
      return false;
    }
  }
}
