import { CulvertError, toCulvertError } from '@culvert/base';
import { BlockerList, ChosenId, ClusterNode, DrainBody, type DrainPolicy, Nullable } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { liveWorker, nodeIn } from '../node-access.ts';
import { toNode } from '../views.ts';
import { answers, ById } from './answers.ts';

const tags = ['nodes'];

/** Getting a worker empty, and what keeps it from being so. */
export function addDrainRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { registry, workers, logger } = deps;

  app.route({
    method: 'POST',
    url: '/nodes/:id/drain',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Cordon it, and get its sessions elsewhere; uncordon ends that',
      params: ById(ChosenId),
      body: Nullable(DrainBody), // null: a request without a body
      response: answers({ 202: ClusterNode }),
    },
    handler: async (request, reply) => {
      const policy = request.body?.policy ?? 'move';
      const { id, admin } = await liveWorker(registry, request.params.id);
      // First the cordon, so that nothing new comes to a worker that sends away what it has.
      const node = nodeIn(await registry.setCordoned(id, true));
      await beginDrain(deps, admin, policy);
      logger.info({ event: 'node.drain', target_node_id: id, policy, key_id: request.principal?.keyId }, 'node: drain');
      return reply.code(202).send(toNode(node));
    },
  });

  app.route({
    method: 'GET',
    url: '/nodes/:id/blockers',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What keeps it from being empty',
      params: ById(ChosenId),
      response: answers({ 200: BlockerList }),
    },
    handler: async (request) => {
      const { admin } = await liveWorker(registry, request.params.id);
      return { items: [...(await workers.blockers(admin))], next: null };
    },
  });
}

async function beginDrain({ workers }: ApiDeps, admin: string, policy: DrainPolicy): Promise<void> {
  try {
    await workers.drain(admin, policy);
  } catch (error) {
    // The cordon stays: the worker may have begun all the same, and taking it away would end that.
    const { code, message } = toCulvertError(error);
    throw new CulvertError(code, message, {
      cause: error,
      fix: 'The worker is cordoned now. Ask again for the drain, or uncordon it.',
      retryAfterSeconds: 1,
    });
  }
}
