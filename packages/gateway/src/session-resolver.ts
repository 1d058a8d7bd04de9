import { CulvertError, type Logger } from '@culvert/base';
import {
  type Credentials,
  type FindRoute,
  type Resolver,
  RoutedTunnel,
  type Tunnel,
  type WorkerLinks,
} from '@culvert/edge';
import { type ClusterSecret, deriveSessionId, verifyProxySecret } from '@culvert/service';

export interface SessionResolverOptions {
  readonly secret: ClusterSecret;
  readonly findRoute: FindRoute;
  readonly links: Pick<WorkerLinks, 'open'>;
  readonly logger: Logger;
}

/** Session ids and names are shorter; bounds what is hashed. */
const MAX_USERNAME_CHARS = 256;

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
    const { secret, findRoute } = this.#options;
    const user = parseUsername(credentials.username);
    const sessionId = user.tenantId === undefined ? user.name : deriveSessionId(secret, user.tenantId, user.name);
    if (!verifyProxySecret(secret, sessionId, credentials.password)) {
      throw new CulvertError('proxy_auth_required', 'The proxy user name or secret is wrong.');
    }
    // A bare session id does not say whose it is; its record does.
    const tenantId = user.tenantId ?? (await findRoute(sessionId, { refresh: false }))?.tenantId;
    if (tenantId === undefined) {
      throw new CulvertError('session_offline', 'No agent serves this session now.', { retryAfterSeconds: 1 });
    }
    const { links, logger } = this.#options;
    return new RoutedTunnel({ sessionId, tenantId, links, findRoute, logger });
  }
}

/** `name@tenant` (a name may have an @ itself, a tenant's id has none), or a session id. */
function parseUsername(username: string): { name: string; tenantId: string | undefined } {
  const text = username.slice(0, MAX_USERNAME_CHARS);
  const at = text.lastIndexOf('@');
  if (at < 0) return { name: text, tenantId: undefined };
  return { name: text.slice(0, at), tenantId: text.slice(at + 1) };
}
