import { CulvertError } from '@culvert/base';
import type { NodeView, Route, SessionView, Tenant } from '@culvert/registry';
import { mayAccess, type Principal } from './auth.ts';
import type { ApiDeps } from './deps.ts';

/** What one read of the registry can tell; larger limits are left to the claim, which checks them all. */
const COUNTABLE = 500;
const RETRY_AFTER_SECONDS = 1;

/** The session, if the principal may know of it: another tenant's is answered like none at all. */
export async function visibleSession(
  deps: ApiDeps,
  principal: Principal,
  id: string,
  options?: { settled?: boolean },
): Promise<SessionView> {
  const session = await deps.registry.getSession(id, options);
  if (!session || !mayAccess(principal, session.tenant)) throw new CulvertError('session_not_found');
  return session;
}

/**
 * Where the session is served; `refresh`: what was told last turned out to be wrong. Rejects with `session_not_found`, or with
 * `session_offline` if nobody serves it now.
 */
export async function visibleRoute(
  deps: ApiDeps,
  principal: Principal | undefined,
  id: string,
  { refresh = false } = {},
): Promise<Route> {
  const route = await deps.routes.get(id, { refresh });
  if (route && (!principal || mayAccess(principal, route.tenantId))) return route;
  if (!route) {
    if (principal) await visibleSession(deps, principal, id);
    throw new CulvertError('session_offline', undefined, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  throw new CulvertError('session_not_found');
}

/** A node, by what is remembered of all of them if it is there; undefined: there is none. */
export async function nodeOf(deps: ApiDeps, nodeId: string): Promise<NodeView | undefined> {
  return (await deps.nodes.list()).find((node) => node.id === nodeId) ?? (await deps.registry.getNode(nodeId));
}

/**
 * An agent that another one replaced must not take the session back by a placement: two agents of one name would
 * take it from each other for ever. One that has seen the present epoch is not behind, and a session that nobody
 * serves is anybody's. Throws `superseded`.
 */
export function assertNotSuperseded(session: SessionView, agentId: string, lastEpoch: number): void {
  const live = session.state !== 'offline';
  if (!live || session.agentId === agentId || lastEpoch >= session.epoch) return;
  throw new CulvertError('superseded', 'Another agent of the same name serves the session now.', {
    fix: 'Run one agent for each name, or give this one a name of its own.',
  });
}

/** Tells a tenant early that it has no session left; the claim is what enforces it. */
export async function assertRoom({ registry }: ApiDeps, tenant: Tenant, sessionId: string): Promise<void> {
  const { sessions: limit } = tenant.limits;
  if (limit > COUNTABLE) return;
  const open = limit === 0 ? [] : (await registry.listSessions({ tenant: tenant.id, limit })).items;
  if (open.length < limit || open.some((session) => session.id === sessionId)) return;
  if (limit > 0 && (await registry.getSession(sessionId))) return;
  throw new CulvertError('limit_exceeded', `The tenant's limit of ${limit} sessions is reached.`, {
    retryAfterSeconds: 5,
    fix: 'Close sessions that are not needed, or have the limit raised.',
  });
}
