import { CulvertError, randomId } from '@culvert/base';
import {
  CloseSessionQuery,
  LinkOffer,
  MadeId,
  OpenedSession,
  OpenSessionBody,
  PlacementBody,
  Session,
  SessionList,
  SessionQuery,
} from '@culvert/contracts';
import { Doorkeeper, type PlacementWish, poolsOf, type Tenant } from '@culvert/registry';
import { deriveSessionId } from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { principalOf } from '../access.ts';
import type { Principal } from '../auth.ts';
import type { ApiDeps } from '../deps.ts';
import { createPlacement, offerPlace } from '../placement.ts';
import { proxyAccess } from '../proxy-access.ts';
import { assertNotSuperseded, assertRoom, visibleSession } from '../session-access.ts';
import { refusalOf, sessionAsker } from '../session-asking.ts';
import { toSession } from '../views.ts';
import { answers, ById, NoContent } from './answers.ts';

const DEFAULT_PAGE = 100;
const tags = ['sessions'];

export function addSessionRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const asker = sessionAsker(deps);
  addOpening(root, deps);

  app.route({
    method: 'GET',
    url: '/sessions',
    config: { access: 'agent' },
    schema: { tags, summary: 'List sessions', querystring: SessionQuery, response: answers({ 200: SessionList }) },
    handler: async (request) => {
      const { limit, label, ...filter } = request.query;
      const principal = principalOf(request);
      // An agent key that asks for another tenant's sessions is answered like one that asks for none there are.
      if (principal.role === 'agent' && filter.tenant !== undefined && filter.tenant !== principal.tenant) {
        return { items: [], next: null };
      }
      const tenant = principal.role === 'agent' ? tenantId(principal) : filter.tenant;
      const page = await deps.registry.listSessions({
        ...filter,
        ...(tenant === undefined ? {} : { tenant }),
        ...(label === undefined ? {} : { label: labelOf(label) }),
        limit: limit === undefined ? DEFAULT_PAGE : Number(limit),
      });
      return { items: page.items.map(toSession), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/sessions/:id',
    config: { access: 'agent' },
    schema: { tags, summary: 'Show a session', params: ById(MadeId), response: answers({ 200: Session }) },
    handler: async (request) =>
      // Offline is not said of a session that its owner may be about to tell of again.
      toSession(await visibleSession(deps, principalOf(request), request.params.id, { settled: true })),
  });

  app.route({
    method: 'DELETE',
    url: '/sessions/:id',
    config: { access: 'agent' },
    schema: {
      tags,
      summary: 'Close a session',
      params: ById(MadeId),
      querystring: CloseSessionQuery,
      response: answers({ 204: NoContent }),
    },
    handler: async (request, reply) => {
      const session = await visibleSession(deps, principalOf(request), request.params.id);
      const answer = await asker.ask(session.id, { kind: request.query.force === 'true' ? 'close' : 'close_if_idle' });
      // Nobody serves it, which is all that closing does.
      const closed = answer.outcome === 'offline' && answer.node === null;
      if (answer.outcome !== 'done' && !closed) throw refusalOf(answer);
      return reply.code(204).send(null);
    },
  });
}

/** `key`, or `key=value`; a key has no `=`. */
function labelOf(text: string): { key: string; value?: string } {
  const at = text.indexOf('=');
  return at === -1 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** What agents do: open a session, and ask for another worker. */
function addOpening(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const placement = createPlacement(deps);
  const door = new Doorkeeper();

  const place = async (tenant: Tenant, where: Where, what: Placed): Promise<LinkOffer> => {
    const { sessionId } = what;
    const found = await placement.place({ ...where, sessionId, tenant: tenant.id, pools: poolsOf(tenant) });
    const connectionLimit = tenant.limits.connectionsPerSession;
    return offerPlace(deps, found, { kind: 'agent', tenantId: tenant.id, connectionLimit, ...what });
  };

  app.route({
    method: 'POST',
    url: '/sessions',
    config: { access: 'agent' },
    schema: { tags, summary: 'Open a session', body: OpenSessionBody, response: answers({ 201: OpenedSession }) },
    handler: (request, reply) =>
      door.admit(async () => {
        const principal = principalOf(request);
        const tenant = tenantOf(deps, tenantId(principal));
        const { name = null, labels = {}, agentId = randomId('a') } = request.body;
        const id = name === null ? randomId('s') : deriveSessionId(deps.secret, tenant.id, name);
        await assertRoom(deps, tenant, id);
        const ticket = { sessionId: id, name, labels, agentId, lastEpoch: 0, keyId: principal.keyId };
        const link = await place(tenant, { exclude: [] }, ticket);
        const proxy = await proxyAccess(deps, id, link.node);
        return reply.code(201).send({ id, name, tenant: tenant.id, link, proxy });
      }, gone(request)),
  });

  app.route({
    method: 'POST',
    url: '/sessions/:id/placements',
    config: { access: 'agent' },
    schema: {
      tags,
      summary: 'Ask for another worker',
      params: ById(MadeId),
      body: PlacementBody,
      response: answers({ 201: LinkOffer }),
    },
    handler: (request, reply) =>
      door.admit(async () => {
        const principal = principalOf(request);
        const session = await visibleSession(deps, principal, request.params.id);
        const { exclude = [], prefer, standby = false, lastEpoch = 0, agentId = session.agentId } = request.body;
        assertNotSuperseded(session, agentId, lastEpoch);
        const { id: sessionId, name, labels, node: owner } = session;
        const ticket = { sessionId, name, labels, agentId, lastEpoch, keyId: principal.keyId };
        // A standby on the owner would be lost together with it.
        const where = { prefer, exclude: standby && owner !== null ? [...exclude, owner] : exclude };
        const what = standby ? { ...ticket, standby } : ticket;
        const link = await place(tenantOf(deps, session.tenant), where, what);
        return reply.code(201).send(link);
      }, gone(request)),
  });
}

/** It may have had to wait for its turn: agents give up after 10 s. */
function gone({ socket }: FastifyRequest): () => boolean {
  return () => socket.destroyed;
}

interface Placed {
  readonly sessionId: string;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentId: string;
  readonly keyId: string;
  readonly lastEpoch: number;
  readonly standby?: boolean;
}

type Where = Omit<PlacementWish, 'sessionId' | 'tenant' | 'pools'>;

function tenantId(principal: Principal): string {
  if (principal.tenant !== null) return principal.tenant;
  throw new CulvertError('forbidden', 'A session belongs to a tenant; this key does not.', {
    fix: 'Use a key of the tenant: `culvert keys create`.',
  });
}

function tenantOf({ registry }: ApiDeps, id: string): Tenant {
  const tenant = registry.settings.tenant(id);
  if (tenant) return tenant;
  throw new CulvertError('forbidden', 'The tenant of this key is gone.');
}
