import type { LinkOffer } from '@culvert/agent';
import { CANARY_TENANT } from '@culvert/contracts';
import { type ClusterSecret, ROOT_KEY_ID, signTicket } from '@culvert/service';

const TICKET_MS = 60_000;
const CONNECTIONS = 16;

/** Only an agent of the canary tenant can resolve it. */
export const CANARY_HOST = 'verify.culvert.internal';

export interface CanaryOffer {
  readonly sessionId: string;
  readonly agentId: string;
  /** Id of the worker. */
  readonly worker: string;
  /** `ws://host:port` where its links are accepted, or of what passes them on. */
  readonly link: string;
  readonly lastEpoch: number;
}

/** What the routing API would tell an agent of the canary tenant, for whom the deploy worker chooses where to go. */
export function canaryOffer(secret: ClusterSecret, offer: CanaryOffer): LinkOffer {
  const { sessionId, agentId, worker: node, link, lastEpoch } = offer;
  const now = Date.now();
  const ticket = signTicket(secret, {
    ...{ kind: 'agent', sessionId, tenantId: CANARY_TENANT, name: null, agentId, keyId: ROOT_KEY_ID },
    ...{ labels: {}, node, lastEpoch, connectionLimit: CONNECTIONS },
    // Not held up by the agents that come at the same time.
    ...{ slotAt: now, expiresAt: now + TICKET_MS },
  });
  return { url: `${link}/link`, ticket, node, expiresAtMs: now + TICKET_MS };
}
