import { CulvertError, toCulvertError } from '@culvert/base';
import { Me, SignInBody } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../access.ts';
import { type Authenticator, type Principal, refusalOf } from '../auth.ts';
import type { ApiDeps } from '../deps.ts';
import { FailedAttempts } from '../sign-in/attempts.ts';
import { assertSameOrigin } from '../sign-in/origin.ts';
import type { SignIns } from '../sign-in/sign-ins.ts';
import type { SignIn } from '../sign-in/token.ts';
import { answers, NoContent } from './answers.ts';

const tags = ['sign-in'];

export interface SignInRoutesOptions extends Pick<ApiDeps, 'registry' | 'logger' | 'now' | 'publicUrl'> {
  readonly authenticator: Authenticator;
  readonly signIns: SignIns;
}

/** Browsers: a key for a cookie, who one is, and the end of it. */
export function addSignInRoutes(root: FastifyInstance, options: SignInRoutesOptions): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { registry, signIns } = options;
  addSignIn(root, options);
  addSignOut(root, options);

  app.route({
    method: 'GET',
    url: '/me',
    config: { access: 'agent' },
    schema: { tags, summary: 'Who asks', response: answers({ 200: Me }) },
    handler: (request) => meOf(principalOf(request), request.signIn, { registry, signIns }),
  });
}

function addSignIn(root: FastifyInstance, options: SignInRoutesOptions): void {
  const { logger, signIns, publicUrl, authenticator } = options;
  const attempts = new FailedAttempts(options.now);

  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/sign-in',
    config: { access: 'anyone' },
    schema: { tags, summary: 'Sign a browser in', security: [], body: SignInBody, response: answers({ 200: Me }) },
    handler: async (request, reply) => {
      const address = request.ip;
      assertSameOrigin(request.headers, publicUrl());
      attempts.assertAllowed(address);
      const principal = await authenticator.authenticate(`Bearer ${request.body.key}`).catch((thrown: unknown) => {
        const error = toCulvertError(thrown);
        if (error.status !== 401) throw error; // nothing is known against the key
        attempts.failed(address);
        logger.warn({ event: 'signin.refused', address, code: error.code }, 'a sign-in was refused');
        throw inWords(error);
      });
      if (principal.role === 'agent') throw agentKey(principal);
      const signIn = await signIns.begin(request, reply, principal);
      const { keyId: key_id, role } = principal;
      logger.info({ event: 'signin.begun', key_id, role, address, sign_in_id: signIn.id }, 'somebody signed in');
      return meOf(principal, signIn, options);
    },
  });
}

function addSignOut(root: FastifyInstance, { logger, signIns }: SignInRoutesOptions): void {
  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/sign-out',
    config: { access: 'agent', ownSignIn: true },
    schema: { tags, summary: 'End the browser’s sign-in, here and at all APIs', response: answers({ 204: NoContent }) },
    handler: async (request, reply) => {
      const { signIn } = request;
      if (signIn === undefined) throw notSignedIn();
      const fields = { key_id: signIn.keyId, address: request.ip, sign_in_id: signIn.id };
      await signIns.end(request, reply, signIn).catch((error: unknown) => {
        logger.warn(
          { event: 'signin.end_untold', ...fields, err: error },
          'a sign-in ended here; the other APIs hear of it when Redis is back',
        );
      });
      logger.info({ event: 'signin.ended', ...fields }, 'somebody signed out');
      return reply.code(204).send(null);
    },
  });
}

function meOf(
  { keyId, role, tenant }: Principal,
  signIn: SignIn | undefined,
  { registry, signIns }: Pick<SignInRoutesOptions, 'registry' | 'signIns'>,
): Me {
  const label = registry.settings.keyById(keyId)?.label ?? '';
  const by = signIn === undefined ? 'key' : 'cookie';
  const session = signIn === undefined ? null : signIns.describe(signIn);
  return { keyId, role, tenant, label: label === '' ? null : label, by, session };
}

/** The person typed a key: an Authorization header means nothing to them. */
function inWords(error: CulvertError): CulvertError {
  const fix = 'Take another key: an admin makes one with `culvert keys create --role viewer`.';
  const message = error.code === 'unauthenticated' ? 'No such key.' : error.message;
  return new CulvertError(error.code, message, { fix });
}

function agentKey(principal: Principal): CulvertError {
  const { fix } = refusalOf(principal, 'viewer');
  const message = 'This is an agent’s key: it opens sessions, and nobody can sign in with it.';
  return new CulvertError('forbidden', message, fix === undefined ? {} : { fix });
}

function notSignedIn(): CulvertError {
  return new CulvertError('invalid_request', 'This was asked with a key: there is no sign-in to end.', {
    fix: 'To make a key valid no longer: `culvert keys revoke`.',
  });
}
