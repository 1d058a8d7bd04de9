import { CulvertError } from '@culvert/base';
import { SessionAsker, type SessionOwner, type SessionRefusal } from '@culvert/service';
import type { ApiDeps } from './deps.ts';
import { nodeOf } from './session-access.ts';

const RETRY_AFTER_SECONDS = 1;

/** Asks sessions where the registry has them; each question is a rare one, so nothing is remembered between two. */
export function sessionAsker(deps: ApiDeps): SessionAsker {
  const { workers, registry } = deps;
  return new SessionAsker({ workers, redisNow: () => registry.redisNow(), findOwner: (id) => findOwner(deps, id) });
}

/** Also while its agent is away: its worker has it until the resume window is over. */
async function findOwner(deps: ApiDeps, sessionId: string): Promise<SessionOwner | undefined> {
  const session = await deps.registry.getSession(sessionId);
  if (session?.node == null) return undefined;
  const node = await nodeOf(deps, session.node);
  return node && { node: node.id, admin: node.admin, epoch: session.epoch };
}

/** Why a session did not do what was asked, as a caller of the API hears it. */
export function refusalOf(answer: SessionRefusal): CulvertError {
  const again = { retryAfterSeconds: RETRY_AFTER_SECONDS };
  switch (answer.outcome) {
    case 'busy':
      return new CulvertError('session_busy', `The session has ${answer.connections} open connections.`);
    case 'moved':
      return new CulvertError('fenced', `The session has moved to ${answer.node} meanwhile.`);
    case 'fenced':
      return new CulvertError('fenced', `The session has a newer owner, under epoch ${answer.epoch}.`);
    case 'offline':
      return new CulvertError('session_offline', undefined, again);
    case 'late':
      return new CulvertError('timeout', 'The time was up before the session could be asked.', again);
    case 'unreachable':
      return new CulvertError('node_unreachable', answer.detail, again);
  }
}
