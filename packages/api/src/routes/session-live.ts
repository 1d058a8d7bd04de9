import { CulvertError } from '@culvert/base';
import { LiveSession, LiveSessionQuery, MadeId, SessionAccess } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { visibleSession } from '../session-access.ts';
import { sessionAsker } from '../session-asking.ts';
import { SessionLooker } from '../session-live/look.ts';
import { SessionWatches } from '../session-live/session-watches.ts';
import { LatestStreams } from '../streams/latest-streams.ts';
import { waysIn } from '../ways-in.ts';
import { answers, ById } from './answers.ts';

const tags = ['sessions'];

const DESCRIPTION = `As text/event-stream: an event \`session\` each second, with a LiveSession as \`data\`, and an event
\`gone\` ({session}) for as long as there is no such session any more. With \`format=json\`, one LiveSession.`;

/** What the page of one session lives on. */
export function addSessionLiveRoutes(root: FastifyInstance, deps: ApiDeps): void {
  addWaysIn(root, deps);
  const looker = new SessionLooker(deps, sessionAsker(deps));
  const watches = new SessionWatches({ looker });
  const streams = new LatestStreams();
  deps.retiring?.addEventListener('abort', () => streams.retire());
  root.addHook('preClose', () => streams.close());

  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/sessions/:id/live',
    exposeHeadRoute: false, // it would never end
    config: { access: 'agent' },
    schema: {
      tags,
      summary: 'How it is, each second',
      description: DESCRIPTION,
      params: ById(MadeId),
      querystring: LiveSessionQuery,
      response: answers({
        200: {
          description: 'A stream, or one look.',
          content: {
            'text/event-stream': { schema: { type: 'string' } },
            'application/json': { schema: LiveSession },
          },
        },
      }),
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const view = await visibleSession(deps, principal, request.params.id);
      if (request.query.format === 'json') {
        const { look } = await looker.look(view.id, view);
        if (look.kind === 'gone') throw new CulvertError('session_not_found');
        return look.live;
      }
      const tenant = principal.role === 'agent' ? principal.tenant : null;
      // Looked up when it is watched, so that no watch is left over where there was no place for the stream.
      streams.open(reply, {
        source: { watch: (listener) => watches.of(view).watch(listener) },
        tenant,
        allowed: request.inForce,
      });
      return reply;
    },
  });
}

function addWaysIn(root: FastifyInstance, deps: ApiDeps): void {
  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/sessions/:id/access',
    config: { access: 'agent', secrets: true },
    schema: {
      tags,
      summary: 'The ways in, with their credentials',
      params: ById(MadeId),
      response: answers({ 200: SessionAccess }),
    },
    handler: async (request) => waysIn(deps, await visibleSession(deps, principalOf(request), request.params.id)),
  });
}
