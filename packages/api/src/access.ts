import { CulvertError } from '@culvert/base';
import type { KeyRole } from '@culvert/registry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Authenticator, type Principal, requireRole } from './auth.ts';

/** Least role of a route's callers; `token`: also those without a key, whom the route itself checks. */
export type Access = KeyRole | 'token';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route of `/v1` names it; one that does not is closed to all. */
    access?: Access;
  }
  interface FastifyRequest {
    principal: Principal | undefined;
  }
}

/** Checks key and role before anything of the request is read but its head. */
export function installAccess(app: FastifyInstance, authenticator: Authenticator): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRequest', async (request) => {
    if (request.is404) return; // nothing there to protect
    const { access } = request.routeOptions.config;
    const { authorization } = request.headers;
    if (access === 'token' && authorization === undefined) return;
    const principal = await authenticator.authenticate(authorization);
    if (access === undefined) throw new CulvertError('forbidden', 'This route names nobody who may use it.');
    if (access !== 'token') requireRole(principal, access);
    request.principal = principal;
  });
}

/** Who asks; for routes that need a key. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new CulvertError('unauthenticated');
  return request.principal;
}
