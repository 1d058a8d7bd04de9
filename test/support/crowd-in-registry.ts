import { randomBytes } from 'node:crypto';
import { silentLogger } from '@culvert/base';
import { type NodeInfo, NodePresence, Registry, type SessionUpdate, type Tenant } from '@culvert/registry';

const AT_ONCE = 100;
const TENANTS = ['acme', 'globex', 'initech', 'hooli', 'stark', 'wayne', 'tyrell', 'wonka', 'soylent', 'umbrella'];
const REGIONS = ['eu-west', 'eu-north', 'us-east', 'us-west', 'ap-south'];
/** Of their own: nobody's agent is sent there. */
export const CROWD_POOL = 'crowd';

export interface CrowdOptions {
  readonly redisUrl: string;
  readonly prefix?: string;
  readonly sessions: number;
  /** Workers that have them; by name. */
  readonly nodes?: readonly string[];
}

/** What the registry holds of a cluster with very many sessions: workers that beat, and what they claimed. */
export class CrowdInRegistry implements AsyncDisposable {
  readonly #registry: Registry;
  readonly #presences: readonly NodePresence[];

  private constructor(registry: Registry, presences: readonly NodePresence[]) {
    this.#registry = registry;
    this.#presences = presences;
  }

  static async open({ redisUrl, prefix, sessions, nodes = NODES }: CrowdOptions): Promise<CrowdInRegistry> {
    const url = redisUrl;
    const registry = Registry.connect({ url, logger: silentLogger, ...(prefix === undefined ? {} : { prefix }) });
    const infos = nodes.map(nodeInfo);
    const presences = infos.map((node, index) => presenceOf(registry, node, sessionsOf(index, nodes.length, sessions)));
    const crowd = new CrowdInRegistry(registry, presences);
    try {
      await registry.waitUntilAvailable(AbortSignal.timeout(10_000));
      for (const presence of presences) presence.start();
      await Promise.all(presences.map((presence) => presence.confirm()));
      for (const id of TENANTS) await registry.settings.createTenant(tenantOf(id));
      await crowd.#claimAll(infos, sessions);
      return crowd;
    } catch (error) {
      await crowd[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#presences.map((presence) => presence.close()));
    await this.#registry.close();
  }

  async #claimAll(nodes: readonly NodeInfo[], sessions: number): Promise<void> {
    for (const [number, node] of nodes.entries()) {
      const own = Array.from({ length: sessions }, (_, index) => index).filter(
        (index) => index % nodes.length === number,
      );
      for (let at = 0; at < own.length; at += AT_ONCE) {
        const updates = await Promise.all(own.slice(at, at + AT_ONCE).map((index) => this.#claim(index, node)));
        await this.#registry.updateSessions(node, updates);
      }
    }
  }

  /** Answers what it is doing since then. */
  async #claim(index: number, node: NodeInfo): Promise<SessionUpdate> {
    const sessionId = `s_${String(index).padStart(5, '0')}${randomBytes(4).toString('hex')}`;
    const reply = await this.#registry.claim({
      ...{ sessionId, node, pool: CROWD_POOL, agentId: `a_${index}`, keyId: 'k_crowd', lastEpoch: 0 },
      tenantId: TENANTS[index % TENANTS.length] ?? '',
      name: `runner-${String(index).padStart(4, '0')}`,
      labels: { region: REGIONS[index % REGIONS.length] ?? '', team: `qa-${index % 7}` },
    });
    if (reply.outcome !== 'claimed') throw new Error(`session ${index}: ${reply.reason}`);
    const busy = isBusy(index);
    return {
      ...{ sessionId, epoch: reply.epoch, state: busy ? 'busy' : 'idle', connections: busy ? 1 + (index % 5) : 0 },
      ...{ bytesIn: index * 1_711, bytesOut: index * 91_337 },
    };
  }
}

const NODES = ['crowd-1', 'crowd-2', 'crowd-3'];

function tenantOf(id: string): Tenant {
  const limits = { sessions: 2_000, connectionsPerSession: 200 };
  return { id, name: id, createdAt: Date.now(), pool: CROWD_POOL, spill: [], limits };
}

function isBusy(index: number): boolean {
  return index % 11 === 0;
}

function sessionsOf(node: number, nodes: number, sessions: number): { sessions: number; busy: number } {
  const own = Array.from({ length: sessions }, (_, index) => index).filter((index) => index % nodes === node);
  return { sessions: own.length, busy: own.filter(isBusy).length };
}

function nodeInfo(id: string): NodeInfo {
  return {
    ...{ id, boot: `b_${randomBytes(6).toString('hex')}`, role: 'worker', version: '0.2.0', pool: CROWD_POOL },
    ...{ host: `${id}.internal`, pid: 1, capacity: 5_000, admissionRate: 250 },
    ...{ proxy: 'http://127.0.0.1:9', link: 'ws://127.0.0.1:9', admin: 'http://127.0.0.1:9' },
  };
}

function presenceOf(registry: Registry, node: NodeInfo, has: { sessions: number; busy: number }): NodePresence {
  const begun = Date.now();
  const load = () => ({
    ...{ state: 'ready' as const, sessions: has.sessions, connections: has.busy * 3, busy: has.busy },
    // A steady flow, by the clock: what a rate is made of.
    ...{ bytesIn: (Date.now() - begun) * 900, bytesOut: (Date.now() - begun) * 21_000 },
  });
  const onReplaced = (error: Error): void => {
    throw error;
  };
  const presence: NodePresence = new NodePresence({
    ...{ registry, node, load, logger: silentLogger, onReplaced },
    // All that it has is told by claims.
    onReply: ({ round }) => presence.confirmRound(round),
  });
  return presence;
}
