import { ProbeReport } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { answers } from './answers.ts';

const NOTHING: ProbeReport = { at: null, everyMs: null, nodes: [], ways: [] };

/** What the cluster's own probes found last. */
export function addProbeRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();

  app.route({
    method: 'GET',
    url: '/probes',
    config: { access: 'viewer' },
    schema: {
      tags: ['cluster'],
      summary: 'Show what the cluster’s own probes found last',
      response: answers({ 200: ProbeReport }),
    },
    handler: async () => {
      const report = (await deps.registry.probes.report()) as ProbeReport | undefined; // as the deploy worker wrote it
      if (report === undefined) return NOTHING;
      const { at, everyMs, nodes, ways } = report;
      return { at, everyMs, nodes, ways };
    },
  });
}
