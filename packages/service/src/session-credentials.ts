import { CulvertError } from '@culvert/base';
import { deriveSessionId, verifyProxySecret } from './credentials.ts';
import type { ClusterSecret } from './secret.ts';

/** Session ids and names are shorter; bounds what is hashed. */
const MAX_USERNAME_CHARS = 256;

/** Which session proxy credentials are for. */
export interface IdentifiedSession {
  readonly sessionId: string;
  /** Known when the user name said it; a bare session id does not. */
  readonly tenantId: string | undefined;
}

/**
 * Checks proxy credentials, `<session id | name@tenant>` and the session's secret, by computing, not by asking: whether a
 * tenant or a session exists makes no difference to the answer for a wrong secret. Throws `proxy_auth_required`.
 */
export function identifySession(
  secret: ClusterSecret,
  credentials: { readonly username: string; readonly password: string },
): IdentifiedSession {
  const user = parseUsername(credentials.username.slice(0, MAX_USERNAME_CHARS));
  const sessionId = user.tenantId === undefined ? user.name : deriveSessionId(secret, user.tenantId, user.name);
  if (!verifyProxySecret(secret, sessionId, credentials.password)) {
    throw new CulvertError('proxy_auth_required', 'The proxy user name or secret is wrong.');
  }
  return { sessionId, tenantId: user.tenantId };
}

/** `name@tenant` (a name may have an @ itself, a tenant's id has none), or a session id. */
function parseUsername(text: string): { name: string; tenantId: string | undefined } {
  const at = text.lastIndexOf('@');
  if (at < 0) return { name: text, tenantId: undefined };
  return { name: text.slice(0, at), tenantId: text.slice(at + 1) };
}
