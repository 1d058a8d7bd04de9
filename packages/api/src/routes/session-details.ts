import { CulvertError } from '@culvert/base';
import { ConnectionList, MadeId, PacQuery, SessionRoute } from '@culvert/contracts';
import { verifyPacToken } from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { pacFile } from '../pac.ts';
import { offerLink } from '../placement.ts';
import { noGateway } from '../proxy-access.ts';
import { visibleRoute, visibleSession } from '../session-access.ts';
import { refusalOf, sessionAsker } from '../session-asking.ts';
import { answers, ById } from './answers.ts';
import { addSessionMove } from './session-moves.ts';

const PAC_TYPE = 'application/x-ns-proxy-autoconfig';
const tags = ['sessions'];

export function addSessionDetailRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const asker = sessionAsker(deps);
  addPac(root, deps);
  addSessionMove(root, deps);

  app.route({
    method: 'GET',
    url: '/sessions/:id/route',
    config: { access: 'agent', secrets: true },
    schema: { tags, summary: 'Who owns it', params: ById(MadeId), response: answers({ 200: SessionRoute }) },
    handler: async (request) => {
      // As HTTP has it (RFC 9111 §5.2.1.4): whoever was sent to the wrong worker asks past what is remembered here.
      const refresh = request.headers['cache-control'] === 'no-cache';
      const route = await visibleRoute(deps, principalOf(request), request.params.id, { refresh });
      const { sessionId, tenantId, epoch, state, node } = route;
      if (node.link === undefined) throw new CulvertError('internal', `owner ${node.id} published no link address`);
      const owner = { id: node.id, link: node.link };
      return {
        session: sessionId,
        epoch,
        state,
        node: { ...owner, proxy: node.proxy ?? null },
        gateways: (await deps.nodes.gateways()).map(({ id, proxy }) => ({ id, proxy })),
        link: await offerLink(deps, owner, { kind: 'edge', sessionId, tenantId }),
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/sessions/:id/connections',
    config: { access: 'agent' },
    schema: { tags, summary: 'Its live connections', params: ById(MadeId), response: answers({ 200: ConnectionList }) },
    handler: async (request) => {
      const session = await visibleSession(deps, principalOf(request), request.params.id);
      const answer = await asker.ask(session.id, { kind: 'describe' });
      if (answer.outcome === 'done') return { items: answer.session.connections, next: null };
      if (answer.outcome === 'offline' && answer.node === null) return { items: [], next: null };
      throw refusalOf(answer);
    },
  });
}

function addPac(root: FastifyInstance, deps: ApiDeps): void {
  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/sessions/:id/proxy.pac',
    config: { access: 'token' },
    schema: {
      tags,
      summary: 'A PAC file for it; opens with a key or with the token in its URL',
      params: ById(MadeId),
      querystring: PacQuery,
      response: answers({ 200: Type.String({ description: PAC_TYPE }) }),
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { token = '', via = 'gateway' } = request.query;
      const { principal } = request;
      // One of the two: a key that may see the session, or the session's own token.
      if (!principal && !verifyPacToken(deps.secret, id, token)) {
        throw new CulvertError('unauthenticated', 'The token of this PAC file is missing or wrong.');
      }
      if (principal) await visibleRoute(deps, principal, id);
      const proxies = via === 'direct' ? await directProxy(deps, id) : await gatewayProxies(deps);
      return reply.type(PAC_TYPE).header('cache-control', 'no-cache').send(pacFile(proxies));
    },
  });
}

async function gatewayProxies({ nodes }: ApiDeps): Promise<string[]> {
  // Behind a load balancer they share one address.
  const proxies = [...new Set((await nodes.gateways()).map(({ proxy }) => proxy))];
  if (proxies.length === 0) throw noGateway();
  return proxies;
}

async function directProxy(deps: ApiDeps, sessionId: string): Promise<string[]> {
  const { node } = await visibleRoute(deps, undefined, sessionId);
  if (node.proxy === undefined) throw new CulvertError('not_found', 'The owner has no proxy of its own.');
  return [node.proxy];
}
