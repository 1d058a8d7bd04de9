import { CulvertError, type Logger } from '@culvert/base';
import {
  type Credentials,
  type FindRoute,
  type Resolver,
  RoutedTunnel,
  type Tunnel,
  type WorkerLinks,
  whileUnknown,
} from '@culvert/edge';
import { type ClusterSecret, identifySession } from '@culvert/service';

export interface SessionResolverOptions {
  readonly secret: ClusterSecret;
  readonly findRoute: FindRoute;
  readonly links: Pick<WorkerLinks, 'open'>;
  /** What is known of a session that nobody serves now: its agent may be between two workers. */
  readonly findSession: (sessionId: string) => Promise<KnownSession | undefined>;
  readonly logger: Logger;
  /** How long a browser waits while the registry cannot say whose the session is, ms; default 5,000, as for its owner. */
  readonly waitMs?: number;
}

/** A session that nobody serves now. */
export interface KnownSession {
  readonly tenantId: string;
  /** The worker that it was on is gone; else its agent is. */
  readonly ownerless: boolean;
}

/**
 * Turns proxy credentials into a session. They are checked by computing, not by asking: whether a tenant or a session
 * exists makes no difference to the answer for a wrong secret.
 */
export class SessionResolver implements Resolver {
  readonly #options: SessionResolverOptions;

  constructor(options: SessionResolverOptions) {
    this.#options = options;
  }

  async resolve(credentials: Credentials): Promise<Tunnel> {
    const { secret, findRoute, findSession, waitMs } = this.#options;
    const user = identifySession(secret, credentials);
    const { sessionId } = user;
    // A bare session id does not say whose it is; its record does.
    const record = async () => (await findRoute(sessionId, { refresh: false })) ?? (await findSession(sessionId));
    const tenantId = user.tenantId ?? (await whileUnknown(record, waitMs))?.tenantId;
    if (tenantId === undefined) {
      throw new CulvertError('session_offline', 'No agent serves this session now.', { retryAfterSeconds: 1 });
    }
    const { links, logger } = this.#options;
    const mayReturn = async (id: string): Promise<boolean | 'ownerless'> => {
      const session = await findSession(id);
      return session?.ownerless ? 'ownerless' : session !== undefined;
    };
    return new RoutedTunnel({ sessionId, tenantId, links, findRoute, mayReturn, logger });
  }
}
