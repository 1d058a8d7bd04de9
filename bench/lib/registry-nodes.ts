import { CulvertError, silentLogger } from '@culvert/base';
import { type NodeInfo, NodePresence, type PresenceRegistry, Registry } from '@culvert/registry';

const START_DEADLINE_MS = 20_000;
/** A registry remembers this many boots; real ones have a process, and so a registry, each. */
const BOOTS_PER_REGISTRY = 50;

/** Workers that only beat: they have nothing to tell, so they confirm every round. */
export class BeatingNodes implements AsyncDisposable {
  readonly #registries: Registry[] = [];
  readonly #presences: NodePresence[] = [];
  readonly #dead = new Set<string>();

  /** Resolves once each has a lease. `sessions`: how many a node says that it has. */
  static async start(
    url: string,
    nodes: readonly NodeInfo[],
    sessions: (node: number) => number = () => 0,
  ): Promise<BeatingNodes> {
    const beating = new BeatingNodes();
    for (let at = 0; at < nodes.length; at += BOOTS_PER_REGISTRY) {
      const registry = Registry.connect({ url, logger: silentLogger });
      beating.#registries.push(registry);
      await registry.waitUntilAvailable(AbortSignal.timeout(START_DEADLINE_MS));
      nodes.slice(at, at + BOOTS_PER_REGISTRY).forEach((node, i) => {
        beating.#presences.push(beating.#present(registry, node, () => sessions(at + i)));
      });
    }
    await Promise.all(beating.#presences.map((presence) => presence.confirm()));
    return beating;
  }

  /** Ends as if killed: no beat any more, and no word. */
  kill(ids: Iterable<string>): void {
    for (const id of ids) this.#dead.add(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#presences.map((presence) => presence.close()));
    await Promise.all(this.#registries.map((registry) => registry.close()));
  }

  #present(registry: Registry, node: NodeInfo, sessions: () => number): NodePresence {
    const ofTheLiving: PresenceRegistry = {
      beat: async (beat) => {
        if (this.#dead.has(node.id)) throw new CulvertError('registry_unavailable', 'it was killed');
        return registry.beat(beat);
      },
      leave: async (boot) => (this.#dead.has(node.id) ? undefined : registry.leave(boot)),
      onAvailability: (listener) => registry.onAvailability(listener),
    };
    const presence = new NodePresence({
      registry: ofTheLiving,
      node,
      load: () => ({ state: 'ready', sessions: sessions(), connections: 0 }),
      logger: silentLogger,
      onReply: ({ round }) => presence.confirmRound(round),
      onReplaced: (error) => {
        throw error;
      },
    });
    presence.start();
    return presence;
  }
}
