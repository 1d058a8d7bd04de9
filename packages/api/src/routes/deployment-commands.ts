import { CulvertError, randomId } from '@culvert/base';
import { Deployment, DeploymentCommandBody, type DeploymentVerb, MadeId, Nullable } from '@culvert/contracts';
import type { StoredCommand } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../access.ts';
import { deploymentIn, viewOf } from '../deployment-access.ts';
import type { ApiDeps } from '../deps.ts';
import { answers, ById } from './answers.ts';

const EXTEND_MS = 600_000;

const VERBS: Readonly<Record<DeploymentVerb, string>> = {
  pause: 'Begin nothing new; what is under way on a node ends by itself',
  resume: 'Go on after a pause',
  abort: 'Stop, and leave what is done as it is',
  promote: 'Go on at once: after a hold, or from the canary to the rest',
  skip: 'Leave a node alone',
  rollback: 'Go back to the old nodes',
  extend: 'Give busy sessions more time',
  force: 'Close the sessions that a node still waits for',
};

/** What people tell a deployment. The deploy worker takes it in at its next tick, and says in `events` what it did. */
export function addDeploymentCommands(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { registry, logger } = deps;

  for (const [verb, summary] of Object.entries(VERBS) as [DeploymentVerb, string][]) {
    app.route({
      method: 'POST',
      url: `/deployments/:id/${verb}`,
      config: { access: 'operator' },
      schema: {
        tags: ['deployments'],
        summary,
        params: ById(MadeId),
        body: Nullable(DeploymentCommandBody), // null: a request without a body
        response: answers({ 202: Deployment }),
      },
      handler: async (request, reply) => {
        const { id } = request.params;
        const { keyId } = principalOf(request);
        const command = commandOf(verb, request.body ?? {}, { by: keyId, atMs: deps.now() });
        const outcome = await registry.deployments.command(id, command);
        if (outcome === 'absent') throw new CulvertError('deployment_not_found');
        if (outcome === 'over') throw new CulvertError('deployment_over');
        const about = command.node === null ? {} : { target_node_id: command.node };
        const fields = { event: 'deployment.command', deploy_id: id, verb, key_id: keyId, ...about };
        logger.info(fields, `deployment ${id}: ${verb}`);
        return reply.code(202).send(viewOf(await deploymentIn(deps, id)).deployment);
      },
    });
  }
}

/** Throws `invalid_request` for what the verb does not take. */
function commandOf(
  verb: DeploymentVerb,
  { node, byMs }: DeploymentCommandBody,
  given: Pick<StoredCommand, 'by' | 'atMs'>,
): StoredCommand {
  if (node !== undefined && verb !== 'skip' && verb !== 'force') {
    throw new CulvertError('invalid_request', `node: ${verb} is for the whole deployment.`);
  }
  if (byMs !== undefined && verb !== 'extend') throw new CulvertError('invalid_request', 'byMs: only of extend.');
  return {
    ...given,
    id: randomId('k'),
    verb,
    node: node ?? null,
    byMs: verb === 'extend' ? (byMs ?? EXTEND_MS) : null,
  };
}
