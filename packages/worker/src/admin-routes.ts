import { CulvertError } from '@culvert/base';
import { DrainOrder, Nullable } from '@culvert/contracts';
import type { AdminServer } from '@culvert/service';
import { BY_OPERATOR, CLOSED_BY_NAME } from './ask.ts';
import { type AskRouteOptions, addAskRoute } from './ask-route.ts';
import { describeSession, summaryOf } from './describe-session.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Drain } from './drain.ts';
import { addShedRoute } from './shed.ts';

export interface AdminRoutesOptions extends AskRouteOptions {
  readonly drain: Drain;
  readonly direct: DirectConnections;
  /** Bytes that wait for a link to take them. */
  readonly bufferedBytes: () => number;
  /** @throws CulvertError fenced */
  readonly onDrain: (order: DrainOrder) => void;
}

/** The worker's own endpoints (slides 15–22 of Higashiguchi's talk at SREcon22 Asia/Pacific), and what a drain needs. */
export function addAdminRoutes(app: AdminServer['app'], options: AdminRoutesOptions): void {
  const { sessions, drain, direct, bufferedBytes, onDrain } = options;
  addAskRoute(app, options);

  app.get<{ Querystring: { canary?: string } }>('/sessions', ({ query }) => ({
    items: (query.canary === 'true' ? sessions.all() : sessions.ofCustomers()).map(summaryOf),
  }));

  app.get<{ Params: { id: string } }>('/sessions/:id', (request) => {
    const actor = sessions.get(request.params.id);
    if (actor === undefined) throw new CulvertError('session_not_found');
    return describeSession(actor);
  });

  // Slide 21: a session without a connection is idle and may go; a busy one must not. The idle agents come back
  // elsewhere by themselves, so this end is not final.
  app.delete('/sessions', () => {
    const closed: string[] = [];
    const busy: string[] = [];
    for (const actor of sessions.ofCustomers()) (actor.closeIfIdle(BY_OPERATOR) ? closed : busy).push(actor.id);
    return { closed, busy };
  });

  app.delete<{ Params: { id: string }; Querystring: { force?: string } }>('/sessions/:id', (request, reply) => {
    const actor = sessions.get(request.params.id);
    if (actor === undefined) throw new CulvertError('session_not_found');
    if (request.query.force === 'true') actor.close(CLOSED_BY_NAME);
    else if (!actor.closeIfIdle(CLOSED_BY_NAME)) {
      throw new CulvertError('session_busy', `the session has ${actor.connections} open connections`);
    }
    return reply.code(204).send();
  });

  app.get('/ready-to-terminate', () => {
    // A connection of this worker's own address may go through another worker by now; its browser's socket is here.
    const connections = Math.max(sessions.connections, direct.size);
    const buffered = bufferedBytes();
    const ready = sessions.size === 0 && connections === 0 && buffered === 0;
    return { ready, sessions: sessions.size, connections, bufferedBytes: buffered };
  });

  // Called off by the end of the cordon, which every beat brings.
  app.post<{ Body: DrainOrder | null }>('/drain', { schema: { body: Nullable(DrainOrder) } }, (request, reply) => {
    onDrain(request.body ?? {});
    return reply.code(202).send({ state: drain.state, sessions: sessions.size, connections: direct.size });
  });

  app.get('/drain', () => drain.report());
  app.get('/blockers', () => ({ items: drain.blockers() }));
  app.get('/stats', () => sessions.stats.read());
  addShedRoute(app, { sessions, drain });
}
