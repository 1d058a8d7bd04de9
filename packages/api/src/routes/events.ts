import { ClusterEventList, EventQuery } from '@culvert/contracts';
import type { EventPage } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { toClusterEvent } from '../events/cluster-event.ts';
import { EventStreams } from '../events/event-streams.ts';
import { visibleEvents } from '../events/visible-events.ts';
import { answers } from './answers.ts';

const DEFAULT_PAGE = 100;

const DESCRIPTION = `As text/event-stream, what comes from now on, or after \`Last-Event-ID\` (or \`after\`): each event
with its id, its type as \`event\`, and a ClusterEvent as \`data\`. An event \`gap\` ({after, oldest}) says that what
came between may be missing. Redis away shows as a comment, and the stream goes on when it is back. With
\`format=json\` (or Accept: application/json) a page: \`next\` is the \`after\` of the one that follows, with
\`order=desc\` its \`before\`; a page may be short, only \`next: null\` says that it was the last. Agent keys see their
tenant's \`session.*\`.`;

const Answer = {
  description: 'Events, as they happen or as a page.',
  content: {
    'text/event-stream': { schema: Type.String() },
    'application/json': { schema: ClusterEventList },
  },
};

/** The history of the cluster. */
export function addEventRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const { registry, logger, retiring } = deps;
  const streams = new EventStreams(registry.events, logger);
  retiring?.addEventListener('abort', () => streams.retire());
  root.addHook('preClose', () => streams.close());

  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/events',
    exposeHeadRoute: false, // it would never end
    config: { access: 'agent' },
    schema: {
      tags: ['events'],
      summary: 'What happens, and what happened',
      description: DESCRIPTION,
      querystring: EventQuery,
      response: answers({ 200: Answer }),
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const filter = visibleEvents(principal, request.query);
      if (!wantsPage(request)) {
        const after = lastEventId(request) ?? request.query.after;
        const allowed = request.inForce;
        const tenant = principal.role === 'agent' ? principal.tenant : null;
        await streams.open(reply, { after, filter, tenant, allowed });
        return reply;
      }
      const { after, before, order, limit } = request.query;
      const page = await registry.events.read({
        ...filter,
        ...(after === undefined ? {} : { after }),
        ...(before === undefined ? {} : { before }),
        newestFirst: order === 'desc',
        limit: limit === undefined ? DEFAULT_PAGE : Number(limit),
      });
      return reply.type('application/json').send(pageText(page));
    },
  });
}

/** Written here: a serialiser of a union tries its members one after the other, for each item. */
function pageText({ items, next }: EventPage): string {
  const list: ClusterEventList = { items: items.map(toClusterEvent), next };
  return JSON.stringify(list);
}

function wantsPage(request: FastifyRequest<{ Querystring: EventQuery }>): boolean {
  const { format } = request.query;
  if (format !== undefined) return format === 'json';
  const accept = request.headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/event-stream');
}

/** What a client that comes back has seen last. */
function lastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
