import { CulvertError } from '@culvert/base';
import type { NodeView, Registry } from '@culvert/registry';

/** Loads change with each beat (2 s); asking Redis more often tells nothing new. */
const FRESH_MS = 500;
/** How long an old list still answers where a browser goes while Redis is away. */
const STALE_MS = 10 * 60_000;

export type ReadyGateway = NodeView & { readonly proxy: string };

/** The cluster's nodes, remembered for a moment: each session opened would ask for them otherwise. */
export class LiveNodes {
  readonly #registry: Pick<Registry, 'listNodes'>;
  readonly #now: () => number;
  #known: { readonly nodes: readonly NodeView[]; readonly at: number } | undefined;
  #asking: Promise<readonly NodeView[]> | undefined;

  constructor(registry: Pick<Registry, 'listNodes'>, now: () => number) {
    this.#registry = registry;
    this.#now = now;
  }

  /** At most half a second old. Rejects with `registry_unavailable`. */
  async list(): Promise<readonly NodeView[]> {
    if (this.#known && this.#now() - this.#known.at < FRESH_MS) return this.#known.nodes;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Gateways that take browsers; while Redis is away, those that did when it went. */
  async gateways(): Promise<ReadyGateway[]> {
    const nodes = await this.list().catch((error: unknown) => this.#stale(error));
    return nodes.filter(isReadyGateway);
  }

  async #ask(): Promise<readonly NodeView[]> {
    const nodes = await this.#registry.listNodes();
    this.#known = { nodes, at: this.#now() };
    return nodes;
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
