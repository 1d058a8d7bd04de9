import { CulvertError } from '@culvert/base';
import type { AgentTicket } from '@culvert/service';
import type { LinkOffer, PlacementRequest, RoutingApi, SessionOffer } from '../../packages/agent/src/api.ts';
import { chooseWorker, DEFAULT_POOL } from '../../packages/api/src/placement.ts';
import { between } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** As the real ones: see packages/agent/src/api.ts and packages/api/src/placement.ts. */
const API_DEADLINE_MS = 10_000;
const TICKET_MS = 60_000;

/** The routing API as one agent has it: it chooses workers as the real one does, from the registry as it is. */
export function simApi(
  world: World,
  process: SimProcess,
  sessionId: string,
): Pick<RoutingApi, 'openSession' | 'place' | 'url'> {
  const random = process.random;
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
    place: (_sessionId, placement, signal) => call(() => place(placement), signal),
  };

  /** As the real one: not for an agent that another one has replaced. */
  function place(placement: PlacementRequest): LinkOffer {
    const session = world.registry.session(sessionId);
    if (session === undefined) throw new CulvertError('session_not_found');
    const { agentId, epoch, offline } = session;
    if (!offline && agentId !== placement.agentId && placement.lastEpoch < epoch) throw new CulvertError('superseded');
    return offer(placement);
  }

  function offer({ agentId, lastEpoch, exclude, prefer, standby = false }: PlacementRequest): LinkOffer {
    if (world.registry.away) throw new CulvertError('registry_unavailable');
    const owner = standby ? world.registry.session(sessionId)?.owner : undefined;
    const excluded = owner !== undefined ? [...exclude, owner] : exclude;
    const worker = chooseWorker(world.registry.listNodes(), { pool: DEFAULT_POOL, exclude: excluded, prefer }, () =>
      random.next(),
    );
    const expiresAtMs = process.clock.now() + TICKET_MS;
    const ticket: AgentTicket = {
      ...{ kind: 'agent', sessionId, tenantId: 'acme', name: null, agentId, keyId: 'k_1', labels: {} },
      ...{ node: worker.id, lastEpoch, connectionLimit: 1_000, expiresAt: expiresAtMs },
      ...(standby ? { standby } : {}),
    };
    return { url: `${worker.link}/link`, ticket: JSON.stringify(ticket), node: worker.id, expiresAtMs };
  }

  /** There, worked on, and back; nothing comes back to an agent that is cut off. */
  function call<T>(work: () => T, signal: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const late = process.after(API_DEADLINE_MS, () => reject(new CulvertError('api_unreachable')), true);
    const latencyMs = random.chance(0.02) ? between(random, 500, 3_000) : between(random, 1, 20);
    const cutOff = (): boolean => world.network.isolated(process.name);
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (cutOff()) return promise;
    world.timeline.at(world.timeline.nowMs + latencyMs, () => {
      let settle: () => void;
      try {
        const value = work();
        settle = () => resolve(value);
      } catch (error) {
        settle = () => reject(error);
      }
      process.after(latencyMs, () => {
        if (cutOff()) return;
        late();
        settle();
      });
    });
    return promise;
  }
}
