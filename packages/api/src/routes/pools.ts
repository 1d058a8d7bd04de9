import { toCulvertError } from '@culvert/base';
import { ChosenId, Nullable, Rebalance, RebalanceBody } from '@culvert/contracts';
import { type NodeView, type PoolMove, planRebalance } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { answers } from './answers.ts';

const tags = ['pools'];

/** What is done with a pool of workers as a whole. */
export function addPoolRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { registry, logger } = deps;

  app.route({
    method: 'POST',
    url: '/pools/:pool/rebalance',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Have its workers share their sessions evenly; nothing is moved while they nearly do',
      params: Type.Object({ pool: ChosenId }),
      body: Nullable(RebalanceBody), // null: a request without a body
      response: answers({ 202: Rebalance }),
    },
    handler: async (request, reply) => {
      const { pool } = request.params;
      const dryRun = request.body?.dryRun ?? false;
      // A worker that is to be emptied, or is cut off, is none to send sessions to, nor one to choose some from.
      const isPart = (node: NodeView): boolean =>
        node.role === 'worker' && node.state === 'ready' && node.pool === pool;
      const workers = (await registry.listNodes()).filter(isPart);
      const moves = planRebalance(workers);
      const done = dryRun ? NOTHING_DONE : await shedAll(deps, workers, moves);
      const { asked } = done;
      const fields = { event: 'pool.rebalance', pool, asked, dry_run: dryRun, key_id: request.principal?.keyId };
      logger.info(fields, `pool: ${asked} sessions are asked to move`);
      return reply.code(202).send({ pool, dryRun, moves, ...done });
    },
  });
}

type Done = Pick<Rebalance, 'asked' | 'lastMs' | 'failed'>;

const NOTHING_DONE: Done = { asked: 0, lastMs: 0, failed: [] };

/** Each worker sheds by itself: that one of them does not answer keeps no other from it. */
async function shedAll(
  { workers: client }: ApiDeps,
  workers: readonly NodeView[],
  moves: readonly PoolMove[],
): Promise<Done> {
  const givers = workers.filter(({ id }) => moves.some(({ from }) => from === id));
  const results = await Promise.all(
    givers.map(async ({ id, admin }): Promise<Done> => {
      const sheds = moves.filter(({ from }) => from === id).map(({ to, count }) => ({ to, count }));
      try {
        return { ...(await client.shed(admin, sheds)), failed: [] };
      } catch (thrown) {
        const { code, message } = toCulvertError(thrown);
        return { asked: 0, lastMs: 0, failed: [{ node: id, code, detail: message }] };
      }
    }),
  );
  return {
    asked: results.reduce((sum, { asked }) => sum + asked, 0),
    lastMs: results.reduce((last, { lastMs }) => Math.max(last, lastMs), 0),
    failed: results.flatMap(({ failed }) => failed),
  };
}
