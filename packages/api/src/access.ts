import { CulvertError } from '@culvert/base';
import type { KeyRole } from '@culvert/registry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticator, type Principal, refusalOf, requireRole } from './auth.ts';
import type { SignIns } from './sign-in/sign-ins.ts';
import type { SignIn } from './sign-in/token.ts';

/** Least role of a route's callers; `token`: also those without a key, whom the route itself checks; `anyone`: all. */
export type Access = KeyRole | 'token' | 'anyone';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route of `/v1` names it; one that does not is closed to all. */
    access?: Access;
    /** Its answer holds credentials, so viewers do not get it. */
    secrets?: boolean;
    /** It changes nothing but the caller's own sign-in, which viewers may do, too. */
    ownSignIn?: boolean;
  }
  interface FastifyRequest {
    principal: Principal | undefined;
    /** How the browser showed who it is; undefined: by a key. */
    signIn: SignIn | undefined;
    /** Is that with which this was asked (a key, a sign-in) still good? Long answers outlive the check. */
    inForce: () => boolean;
  }
}

export interface AccessOptions {
  readonly authenticator: Authenticator;
  readonly signIns: SignIns;
}

/** Checks who asks, and whether they may, before anything of the request is read but its head. */
export function installAccess(app: FastifyInstance, options: AccessOptions): void {
  app.decorateRequest('principal', undefined);
  app.decorateRequest('signIn', undefined);
  app.decorateRequest('inForce', () => false);
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return; // nothing there to protect
    const { access } = request.routeOptions.config;
    if (access === 'anyone') return;
    const principal = await identify(request, reply, options);
    if (principal === undefined) return;
    if (access === undefined) throw new CulvertError('forbidden', 'This route names nobody who may use it.');
    if (access !== 'token') requireRole(principal, access);
    if (principal.role === 'viewer') assertViewable(request, principal);
  });
}

/** A key counts more than a cookie; undefined: neither, where the route allows that. */
async function identify(
  request: FastifyRequest,
  reply: FastifyReply,
  { authenticator, signIns }: AccessOptions,
): Promise<Principal | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const principal = await authenticator.authenticate(authorization);
    request.principal = principal;
    request.inForce = () => authenticator.inForce(principal);
    return principal;
  }
  const open = request.routeOptions.config.access === 'token';
  const signedIn = await signIns.recognise(request, reply).catch((error: unknown) => {
    if (open) return undefined; // as if no cookie had come: the route looks at its token
    throw error;
  });
  if (signedIn === undefined) {
    if (open) return undefined;
    throw new CulvertError('unauthenticated', 'The request has neither an Authorization header nor a sign-in.', {
      fix: 'Send `Authorization: Bearer ck_…`; in a browser, sign in.',
    });
  }
  const { principal, signIn } = signedIn;
  if (!isRead(request)) signIns.assertOwnPage(request, signIn);
  request.principal = principal;
  request.signIn = signIn;
  request.inForce = () => authenticator.inForce(principal) && signIns.stillInForce(signIn);
  return principal;
}

/** A viewer reads, whatever the route says of roles: an agent's routes, for one, are there to open and to close. */
function assertViewable(request: FastifyRequest, principal: Principal): void {
  const { secrets = false, ownSignIn = false } = request.routeOptions.config;
  if (secrets || !(isRead(request) || ownSignIn)) throw refusalOf(principal, 'operator');
}

/** Requests of these methods have no effects (RFC 9110, section 9.2.1). */
function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Who asks; for routes that need a key. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new CulvertError('unauthenticated');
  return request.principal;
}
