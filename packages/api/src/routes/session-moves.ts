import { CulvertError } from '@culvert/base';
import { MadeId, MoveSessionBody, Nullable, SessionMove } from '@culvert/contracts';
import { poolsOf, type SessionView } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { nodeIn } from '../node-access.ts';
import { visibleSession } from '../session-access.ts';
import { refusalOf, sessionAsker } from '../session-asking.ts';
import { answers, ById } from './answers.ts';

const RETRY_AFTER_SECONDS = 2;

/** Sends one session to another worker, make before break. */
export function addSessionMove(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const asker = sessionAsker(deps);

  app.route({
    method: 'POST',
    url: '/sessions/:id/move',
    config: { access: 'operator' },
    schema: {
      tags: ['sessions'],
      summary: 'Send it to another worker, with its connections',
      params: ById(MadeId),
      body: Nullable(MoveSessionBody), // null: a request without a body
      response: answers({ 202: SessionMove }),
    },
    handler: async (request, reply) => {
      const session = await visibleSession(deps, principalOf(request), request.params.id);
      const { id, node, epoch } = session;
      const to = request.body?.to ?? null;
      if (node === null) throw refusalOf({ outcome: 'offline', node });
      if (to !== null) await assertTarget(deps, session, to);
      // For the ownership that was looked at: one that has moved meanwhile is not sent on from there.
      const answer = await asker.ask(id, { kind: 'move', to }, { epoch });
      if (answer.outcome !== 'done') throw refusalOf(answer);
      deps.logger.info(
        { event: 'session.move_asked', session_id: id, target_node_id: node, to, key_id: request.principal?.keyId },
        'session: move',
      );
      return reply.code(202).send({ session: id, node, epoch, to });
    },
  });
}

/**
 * Tells early what the agent would find out: that worker does not take the session. Whether it has room is decided when the
 * agent gets there. Rejects with `node_not_found`, `invalid_request`, `no_worker_available`.
 */
async function assertTarget({ registry }: ApiDeps, session: SessionView, id: string): Promise<void> {
  if (id === session.node) throw new CulvertError('invalid_request', `The session is on ${id} already.`);
  const { role, state, pool } = nodeIn(await registry.getNode(id));
  if (role !== 'worker') {
    throw new CulvertError('invalid_request', `${id} is no worker (${role}); only workers hold sessions.`);
  }
  const tenant = registry.settings.tenant(session.tenant);
  if (tenant && !poolsOf(tenant).includes(pool)) {
    throw new CulvertError('invalid_request', `${id} is in pool ${pool}, where ${tenant.id} has no sessions.`);
  }
  if (state !== 'ready') {
    throw new CulvertError('no_worker_available', `${id} takes no sessions now: it is ${state}.`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      fix: 'Name another worker, or none: the session then goes where there is room.',
    });
  }
}
