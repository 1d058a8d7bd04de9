import { AnnotationList, AnnotationQuery, LiveCluster, LiveQuery, Series, SeriesQuery } from '@culvert/contracts';
import type { SeriesRead } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { annotationsIn } from '../live/annotations.ts';
import { LiveSource } from '../live/live-source.ts';
import { Sampler } from '../live/sampler.ts';
import { LatestStreams } from '../streams/latest-streams.ts';
import { answers } from './answers.ts';

const tags = ['live'];
const access = 'viewer';

const DESCRIPTION = `As text/event-stream, an event \`cluster\` with a LiveCluster as \`data\`, at once, then each second, and
sooner when something changes. Each is whole: who is slow gets the newest one next, and misses those between. While Redis is
away, the last one is told once more, with \`registry.available\` false and the reason. With \`format=json\` one picture.`;

const Answer = {
  description: 'The cluster, again and again or once.',
  content: {
    'text/event-stream': { schema: Type.String() },
    'application/json': { schema: LiveCluster },
  },
};

/** The cluster as it is, and as it was. */
export function addLiveRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { registry, logger, now, retiring, liveTimes = {}, sampling = false } = deps;
  const source = new LiveSource({ registry, now, logger });
  const streams = new LatestStreams(liveTimes);
  retiring?.addEventListener('abort', () => streams.retire());
  root.addHook('preClose', () => streams.close());
  if (sampling) keepSampling(root, new Sampler({ registry, source, logger }));

  app.route({
    method: 'GET',
    url: '/live',
    exposeHeadRoute: false, // it would never end
    config: { access },
    schema: {
      ...{ tags, summary: 'The cluster as it is, live', description: DESCRIPTION },
      querystring: LiveQuery,
      response: answers({ 200: Answer }),
    },
    handler: async (request, reply) => {
      if (request.query.format === 'json') {
        const { cluster } = await source.picture();
        return reply.type('application/json').send(JSON.stringify(cluster));
      }
      streams.open(reply, { source, tenant: null, allowed: request.inForce });
      return reply;
    },
  });

  app.route({
    method: 'GET',
    url: '/series',
    config: { access },
    schema: {
      ...{ tags, summary: 'What the cluster, or one node, had over the last hour or day' },
      querystring: SeriesQuery,
      response: answers({ 200: Series }),
    },
    handler: async ({ query: { window = '1h', node } }) =>
      toSeries(window, node, await registry.series.read(window, node)),
  });

  app.route({
    method: 'GET',
    url: '/annotations',
    config: { access },
    schema: {
      ...{ tags, summary: 'Deployments that ran in the last hour or day, to be drawn into charts' },
      querystring: AnnotationQuery,
      response: answers({ 200: AnnotationList }),
    },
    handler: async ({ query: { window = '1h' } }) => ({
      items: await annotationsIn(registry, window, now()),
      next: null,
    }),
  });
}

function keepSampling(root: FastifyInstance, sampler: Sampler): void {
  root.addHook('onListen', async () => sampler.start());
  root.addHook('preClose', () => sampler.close());
}

function toSeries(window: Series['window'], node: string | undefined, { stepMs, at, values }: SeriesRead): Series {
  const columns = Object.entries(values).map(([name, column]) => [name, [...column]] as const);
  return { window, node: node ?? null, stepMs, at: [...at], values: Object.fromEntries(columns) as Series['values'] };
}
