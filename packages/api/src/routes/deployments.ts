import { CulvertError } from '@culvert/base';
import {
  Deployment,
  DeploymentBody,
  DeploymentList,
  DeploymentWhy,
  MadeId,
  Nullable,
  Receipt,
  RehearsalBody,
} from '@culvert/contracts';
import { fillRehearsal, fillRequest, NO_DEPLOY_WORKER } from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import { createDeployment, deploymentIn, isAttended, requireProvider, viewOf } from '../deployment-access.ts';
import type { ApiDeps } from '../deps.ts';
import { dryRun } from '../dry-run.ts';
import { answers, ById } from './answers.ts';
import { addDeploymentCommands } from './deployment-commands.ts';
import { poolOfRehearsal } from './rehearsals.ts';

const DEFAULT_PAGE = 20;
const tags = ['deployments'];
const access = 'operator';

const PageQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 512 })),
  limit: Type.Optional(Type.String({ pattern: '^(?:[1-9]\\d?|1\\d\\d|200)$', description: '1 to 200; 20.' })),
  brief: Type.Optional(
    Type.Literal('true', { description: 'Without evidence, log and forecast, which are most of a deployment.' }),
  ),
});

export function addDeploymentRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { deployments } = deps.registry;
  addCreating(root, deps);
  addDeploymentCommands(root, deps);

  app.route({
    method: 'GET',
    url: '/deployments',
    config: { access: 'viewer' },
    schema: { tags, summary: 'List deployments', querystring: PageQuery, response: answers({ 200: DeploymentList }) },
    handler: async ({ query: { cursor, limit, brief } }) => {
      const page = { limit: limit === undefined ? DEFAULT_PAGE : Number(limit) };
      const { items, next } = await deployments.list(cursor === undefined ? page : { ...page, cursor });
      const whole = items.map((record) => viewOf(record).deployment);
      return { items: brief === undefined ? whole : whole.map(withoutHistory), next };
    },
  });

  app.route({
    method: 'GET',
    url: '/deployments/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show a deployment', params: ById(MadeId), response: answers({ 200: Deployment }) },
    handler: async ({ params }) => viewOf(await deploymentIn(deps, params.id)).deployment,
  });

  app.route({
    method: 'GET',
    url: '/deployments/:id/why',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Why it waits, or stopped, and what would end that',
      params: ById(MadeId),
      response: answers({ 200: DeploymentWhy }),
    },
    handler: async ({ params }) => {
      const record = await deploymentIn(deps, params.id);
      const { why } = viewOf(record);
      if (record.over || (await isAttended(deps))) return why;
      const reasons = [NO_DEPLOY_WORKER, ...why.reasons.filter(({ code }) => code !== NO_DEPLOY_WORKER.code)];
      return { ...why, summary: `It stands still: ${NO_DEPLOY_WORKER.condition}.`, reasons };
    },
  });

  app.route({
    method: 'GET',
    url: '/deployments/:id/receipt',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What became of every session that it touched',
      params: ById(MadeId),
      response: answers({ 200: Receipt }),
    },
    handler: async ({ params }) => {
      const receipt = await deployments.receipt(params.id);
      if (receipt !== undefined && receipt !== null) return receipt as Receipt; // as the deploy worker wrote it
      const { over } = await deploymentIn(deps, params.id);
      const detail = over
        ? 'There is no receipt of this deployment: it is not made yet, or nothing was touched.'
        : 'The receipt is made when the deployment is over.';
      throw new CulvertError('not_found', detail);
    },
  });
}

/** What a list shows of it. */
function withoutHistory(deployment: Deployment): Deployment {
  const nodes = deployment.nodes.map((node) => ({ ...node, evidence: [] }));
  return { ...deployment, nodes, forecast: null, events: [] };
}

function addCreating(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();

  app.route({
    method: 'POST',
    url: '/deployments',
    config: { access },
    schema: {
      tags,
      summary: 'Replace the nodes of a role and pool by ones of a version; dryRun: say what would happen',
      body: DeploymentBody,
      response: answers({ 200: Deployment, 202: Deployment }),
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      requireProvider(principal, request.body);
      const wanted = fillRequest(request.body);
      if (wanted.dryRun) return reply.code(200).send(await dryRun(deps, principal, wanted));
      return reply.code(202).send(await createDeployment(deps, principal, wanted));
    },
  });

  app.route({
    method: 'POST',
    url: '/deployments/rehearse',
    config: { access },
    schema: {
      tags,
      summary: 'Cordon a live worker, move its sessions away and back',
      body: Nullable(RehearsalBody), // null: a request without a body
      response: answers({ 202: Deployment }),
    },
    handler: async (request, reply) => {
      const body = request.body ?? {};
      const wanted = fillRehearsal(body, await poolOfRehearsal(deps.registry, body));
      return reply.code(202).send(await createDeployment(deps, principalOf(request), wanted));
    },
  });
}
