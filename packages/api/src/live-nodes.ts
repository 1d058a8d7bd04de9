import { CulvertError } from '@culvert/base';
import type { NodeView, Registry } from '@culvert/registry';

/** Loads change with each beat (2 s); asking Redis more often tells nothing new. */
const FRESH_MS = 500;
/** How long an old list still answers where a browser goes while Redis is away. */
const STALE_MS = 10 * 60_000;

export type ReadyGateway = NodeView & { readonly proxy: string };

/** Addresses of a load balancer in front of all gateways, which those outside use; null: each gateway's own. */
export interface PublicGateways {
  readonly proxy: string | null;
  readonly link: string | null;
}

const EACH_ITS_OWN: PublicGateways = { proxy: null, link: null };

/** The cluster's nodes, remembered for a moment: each session opened would ask for them otherwise. */
export class LiveNodes {
  readonly #registry: Pick<Registry, 'listNodes'>;
  readonly #now: () => number;
  readonly #outside: PublicGateways;
  /** The last list; `at`: when it was asked for. */
  #known: { readonly nodes: readonly NodeView[]; readonly at: number } | undefined;
  #asking: Promise<readonly NodeView[]> | undefined;
  #doubtful = false;

  constructor(registry: Pick<Registry, 'listNodes'>, now: () => number, outside: PublicGateways = EACH_ITS_OWN) {
    this.#registry = registry;
    this.#now = now;
    this.#outside = outside;
  }

  /** At most half a second old, and not from before what a hint told. Rejects with `registry_unavailable`. */
  async list(): Promise<readonly NodeView[]> {
    if (this.#known && !this.#doubtful && this.#now() - this.#known.at < FRESH_MS) return this.#known.nodes;
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  /** What this API would go by now; undefined: it knows none of this id. Rejects with `registry_unavailable`. */
  async get(id: string): Promise<NodeView | undefined> {
    let nodes = await this.list();
    // A hint came during the read, which may have missed what that told.
    if (this.#doubtful) nodes = await this.list();
    return nodes.find((node) => node.id === id);
  }

  /** Some node came, went or changed: what is remembered, or is being asked for, may not know of it. */
  doubt(): void {
    this.#doubtful = true;
    this.#asking = undefined;
  }

  /**
   * Gateways that take browsers, with the addresses that those outside use; while Redis is away, those that did when it
   * went. Probes and other nodes ask by a gateway's own address, which `list` tells.
   */
  async gateways(): Promise<ReadyGateway[]> {
    const nodes = await this.list().catch((error: unknown) => this.#stale(error));
    return nodes.filter(isReadyGateway).map((node) => this.#seenFromOutside(node));
  }

  #seenFromOutside(node: ReadyGateway): ReadyGateway {
    const { proxy, link } = this.#outside;
    return {
      ...node,
      ...(proxy === null ? {} : { proxy }),
      // A gateway that passes no links on does not do so behind a load balancer either.
      ...(link === null || node.link === undefined ? {} : { link }),
    };
  }

  #ask(): Promise<readonly NodeView[]> {
    const at = this.#now();
    this.#doubtful = false;
    const asking = this.#registry.listNodes().then(
      (nodes) => {
        if (this.#asking === asking) {
          this.#asking = undefined;
          this.#known = { nodes, at };
        }
        return nodes;
      },
      (error: unknown) => {
        if (this.#asking === asking) this.#asking = undefined;
        throw error;
      },
    );
    return asking;
  }

  #stale(error: unknown): readonly NodeView[] {
    const away = error instanceof CulvertError && error.code === 'registry_unavailable';
    if (away && this.#known && this.#now() - this.#known.at < STALE_MS) return this.#known.nodes;
    throw error;
  }
}

function isReadyGateway(node: NodeView): node is ReadyGateway {
  return node.role === 'gateway' && node.state === 'ready' && node.proxy !== undefined;
}
