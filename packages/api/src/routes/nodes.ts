import { CulvertError } from '@culvert/base';
import { ChosenId, ClusterNode, ClusterNodeList } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { toNode } from '../views.ts';
import { answers, ById } from './answers.ts';

const tags = ['nodes'];

export function addNodeRoutes(root: FastifyInstance, { registry, logger }: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();

  app.route({
    method: 'GET',
    url: '/nodes',
    config: { access: 'operator' },
    schema: { tags, summary: 'List nodes', response: answers({ 200: ClusterNodeList }) },
    handler: async () => ({ items: (await registry.listNodes()).map(toNode), next: null }),
  });

  app.route({
    method: 'GET',
    url: '/nodes/:id',
    config: { access: 'operator' },
    schema: { tags, summary: 'Show a node', params: ById(ChosenId), response: answers({ 200: ClusterNode }) },
    handler: async (request) => toNode(found(await registry.getNode(request.params.id))),
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
        const node = found(await registry.setCordoned(request.params.id, cordoned));
        logger.info({ event: `node.${verb}`, node_id: node.id, key_id: request.principal?.keyId }, `node: ${verb}`);
        return toNode(node);
      },
    });
  }
}

function found(node: NodeView | undefined): NodeView {
  if (node) return node;
  throw new CulvertError('node_not_found');
}
