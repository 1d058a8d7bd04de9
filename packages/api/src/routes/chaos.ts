import { CulvertError } from '@culvert/base';
import { ChaosBody, ChaosRun, ChaosRunList, MadeId } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../access.ts';
import { notAllowed } from '../chaos/begin-run.ts';
import type { StoredRun } from '../chaos/stored-run.ts';
import type { ApiDeps } from '../deps.ts';
import { answers, ById } from './answers.ts';

const tags = ['chaos'];
const access = 'operator';

/** Rehearsing failures. Whoever may look at a cluster may look at its runs; beginning one has to be allowed here. */
export function addChaosRoutes(root: FastifyInstance, { registry, chaos, logger }: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();

  app.route({
    method: 'POST',
    url: '/chaos',
    config: { access },
    schema: {
      tags,
      summary: 'Rehearse failures, where the configuration allows it',
      body: ChaosBody,
      response: answers({ 202: ChaosRun }),
    },
    handler: async (request, reply) => {
      if (!chaos) throw notAllowed('this API');
      return reply.code(202).send(await chaos.begin(request.body, principalOf(request).keyId));
    },
  });

  app.route({
    method: 'GET',
    url: '/chaos',
    config: { access: 'viewer' },
    schema: { tags, summary: 'List rehearsals of failures', response: answers({ 200: ChaosRunList }) },
    handler: async () => ({ items: ((await registry.chaos.list()) as StoredRun[]).map(({ run }) => run), next: null }),
  });

  app.route({
    method: 'GET',
    url: '/chaos/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show a rehearsal', params: ById(MadeId), response: answers({ 200: ChaosRun }) },
    handler: async ({ params: { id } }) => found(id, await registry.chaos.get(id)),
  });

  app.route({
    method: 'DELETE',
    url: '/chaos/:id',
    config: { access },
    schema: {
      tags,
      summary: 'Stop a rehearsal, and end what it has begun',
      params: ById(MadeId),
      response: answers({ 202: ChaosRun }),
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const run = found(id, await registry.chaos.get(id));
      const { keyId } = principalOf(request);
      if (run.state === 'running') await registry.chaos.askToStop(id, keyId);
      logger.info({ event: 'chaos.stop', run: id, key_id: keyId }, 'a rehearsal is to stop');
      return reply.code(202).send(run);
    },
  });
}

function found(id: string, stored: unknown): ChaosRun {
  if (stored === undefined) throw new CulvertError('not_found', `There is no rehearsal ${id}.`);
  return (stored as StoredRun).run; // as the conductor put it
}
