import { CulvertError } from '@culvert/base';
import type { AdminServer } from '@culvert/service';
import type { Circuit } from './circuit.ts';
import type { SessionActor, SessionEnd } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

const BY_OPERATOR: SessionEnd = {
  code: 'session_closed',
  message: 'closed by an operator',
  by: 'operator',
  final: false,
};

/** The worker's own endpoints (slides 15–22 of Higashiguchi's talk at SREcon22 Asia/Pacific). */
export function addAdminRoutes(app: AdminServer['app'], sessions: Sessions, bufferedBytes: () => number): void {
  app.get('/sessions', () => ({ items: sessions.all().map(summary) }));

  app.get<{ Params: { id: string } }>('/sessions/:id', (request) => {
    const actor = sessions.get(request.params.id);
    if (actor === undefined) throw new CulvertError('session_not_found');
    return { ...summary(actor), connections: actor.side.circuits().map(describe) };
  });

  // Slide 21: a session without a connection is idle and may go; a busy one must not. The idle agents come back
  // elsewhere by themselves, so this end is not final.
  app.delete('/sessions', () => {
    const closed: string[] = [];
    const busy: string[] = [];
    for (const actor of sessions.all()) (actor.closeIfIdle(BY_OPERATOR) ? closed : busy).push(actor.id);
    return { closed, busy };
  });

  app.delete<{ Params: { id: string }; Querystring: { force?: string } }>('/sessions/:id', (request, reply) => {
    const actor = sessions.get(request.params.id);
    if (actor === undefined) throw new CulvertError('session_not_found');
    // One session closed by name is meant: its agent must not come back at once.
    const end: SessionEnd = { ...BY_OPERATOR, final: true };
    if (request.query.force === 'true') actor.close(end);
    else if (!actor.closeIfIdle(end)) {
      throw new CulvertError('session_busy', `the session has ${actor.connections} open connections`);
    }
    return reply.code(204).send();
  });

  app.get('/ready-to-terminate', () => {
    const connections = sessions.connections;
    const buffered = bufferedBytes();
    const ready = sessions.size === 0 && connections === 0 && buffered === 0;
    return { ready, sessions: sessions.size, connections, bufferedBytes: buffered };
  });
}

function summary(actor: SessionActor) {
  const { tenantId, name, labels } = actor.ticket;
  return {
    id: actor.id,
    tenant: tenantId,
    name,
    state: actor.state.phase,
    epoch: actor.epoch,
    connections: actor.connections,
    bytesIn: actor.bytesIn,
    bytesOut: actor.bytesOut,
    connectedAt: new Date(actor.connectedAtMs).toISOString(),
    labels,
  };
}

function describe(circuit: Circuit) {
  return {
    id: circuit.request.connectionId,
    target: circuit.target,
    kind: circuit.request.kind,
    openedAt: new Date(circuit.openedAtMs).toISOString(),
    lastByteAt: new Date(circuit.lastByteAtMs).toISOString(),
    bytesIn: circuit.bytesIn,
    bytesOut: circuit.bytesOut,
    attached: true,
  };
}
