import { ChosenId, ClusterNode, ClusterNodeList } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { nodeIn } from '../node-access.ts';
import { toNode } from '../views.ts';
import { answers, ById } from './answers.ts';
import { addDrainPreviewRoute } from './drain-preview.ts';
import { addDrainRoutes } from './drains.ts';

const tags = ['nodes'];

export function addNodeRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const { registry, logger } = deps;
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  addDrainRoutes(root, deps);
  addDrainPreviewRoute(root, deps);

  app.route({
    method: 'GET',
    url: '/nodes',
    config: { access: 'viewer' },
    schema: { tags, summary: 'List nodes', response: answers({ 200: ClusterNodeList }) },
    handler: async () => ({ items: (await registry.listNodes()).map(toNode), next: null }),
  });

  app.route({
    method: 'GET',
    url: '/nodes/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show a node', params: ById(ChosenId), response: answers({ 200: ClusterNode }) },
    handler: async (request) => toNode(nodeIn(await registry.getNode(request.params.id))),
  });

  for (const [verb, cordoned] of [
    ['cordon', true],
    ['uncordon', false],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/nodes/:id/${verb}`,
      config: { access: 'operator' },
      schema: {
        tags,
        summary: cordoned ? 'Give it no new sessions' : 'Give it new sessions again',
        params: ById(ChosenId),
        response: answers({ 200: ClusterNode }),
      },
      handler: async (request) => {
        const node = nodeIn(await registry.setCordoned(request.params.id, cordoned));
        logger.info(
          { event: `node.${verb}`, target_node_id: node.id, key_id: request.principal?.keyId },
          `node: ${verb}`,
        );
        return toNode(node);
      },
    });
  }
}
