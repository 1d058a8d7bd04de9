import { CulvertError } from '@culvert/base';
import { DEFAULT_POOL, Placement } from '@culvert/registry';
import type { AgentTicket } from '@culvert/service';
import type { LinkOffer, PlacementRequest, RoutingApi, SessionOffer } from '../../packages/agent/src/api.ts';
import { between } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** As the real ones: see packages/agent/src/api.ts and packages/api/src/placement.ts. Slots there are enough of. */
const API_DEADLINE_MS = 10_000;
const TICKET_MS = 60_000;

/** The routing API as one agent has it: it chooses workers as the real one does, from the registry as it is. */
export function simApi(
  world: World,
  process: SimProcess,
  sessionId: string,
): Pick<RoutingApi, 'openSession' | 'place' | 'url'> {
  const random = process.random;
  const { scripts } = world.registry;
  const placement = new Placement({
    registry: { reserve: async (request) => scripts.reserve(request) },
    nodes: async () => scripts.listNodes(),
    random: () => random.next(),
  });
  return {
    url: 'http://api.test/',
    async openSession({ agentId }, signal): Promise<SessionOffer> {
      const link = await call(() => offer({ agentId, lastEpoch: 0, exclude: [] }), signal);
      const proxy = {
        url: 'http://gateway.test/',
        username: sessionId,
        password: 'secret',
        pac: 'http://api.test/pac',
      };
      return { id: sessionId, link, proxy };
    },
    place: (_sessionId, wish, signal) => call(() => place(wish), signal),
  };

  /** As the real one: not for an agent that another one has replaced. */
  async function place(wish: PlacementRequest): Promise<LinkOffer> {
    const session = world.registry.session(sessionId);
    if (session === undefined) throw new CulvertError('session_not_found');
    const { agentId, epoch, offline } = session;
    if (!offline && agentId !== wish.agentId && wish.lastEpoch < epoch) throw new CulvertError('superseded');
    return offer(wish);
  }

  async function offer(wish: PlacementRequest): Promise<LinkOffer> {
    const { agentId, lastEpoch, exclude, prefer, standby = false } = wish;
    if (world.registry.away) throw new CulvertError('registry_unavailable');
    const owner = standby ? world.registry.session(sessionId)?.owner : undefined;
    const excluded = owner !== undefined ? [...exclude, owner] : exclude;
    const { worker } = await placement.place({ sessionId, pools: [DEFAULT_POOL], exclude: excluded, prefer });
    const expiresAtMs = process.clock.now() + TICKET_MS;
    const ticket: AgentTicket = {
      ...{ kind: 'agent', sessionId, tenantId: 'acme', name: null, agentId, keyId: 'k_1', labels: {} },
      ...{ node: worker.id, lastEpoch, connectionLimit: 1_000, expiresAt: expiresAtMs },
      ...(standby ? { standby } : {}),
    };
    return { url: `${worker.link}/link`, ticket: JSON.stringify(ticket), node: worker.id, expiresAtMs };
  }

  /** There, worked on, and back; nothing comes back to an agent that is cut off. */
  function call<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const late = process.after(API_DEADLINE_MS, () => reject(new CulvertError('api_unreachable')), true);
    const latencyMs = random.chance(0.02) ? between(random, 500, 3_000) : between(random, 1, 20);
    const cutOff = (): boolean => world.network.isolated(process.name);
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (cutOff()) return promise;
    world.timeline.at(world.timeline.nowMs + latencyMs, () => {
      const answer = (settle: () => void): void => {
        process.after(latencyMs, () => {
          if (cutOff()) return;
          late();
          settle();
        });
      };
      work().then(
        (value) => answer(() => resolve(value)),
        (error: unknown) => answer(() => reject(error)),
      );
    });
    return promise;
  }
}
