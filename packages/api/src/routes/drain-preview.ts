import { ChosenId, DrainPreview } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { previewOf } from '../drain-preview.ts';
import { liveWorker } from '../node-access.ts';
import { answers, ById } from './answers.ts';

/** What to know before a worker is drained; one worker is asked, once. */
export function addDrainPreviewRoute(root: FastifyInstance, { registry, workers }: ApiDeps): void {
  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/nodes/:id/drain-preview',
    config: { access: 'viewer' },
    schema: {
      tags: ['nodes'],
      summary: 'What a drain of this worker would do now',
      params: ById(ChosenId),
      response: answers({ 200: DrainPreview }),
    },
    handler: async ({ params }) => {
      const node = await liveWorker(registry, params.id);
      const [report, nodes] = await Promise.all([workers.drainReport(node.admin), registry.listNodes()]);
      return previewOf({ node, report, nodes, tenants: registry.settings.snapshot.tenants });
    },
  });
}
