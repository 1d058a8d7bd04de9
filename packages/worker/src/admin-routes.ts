import { CulvertError } from '@culvert/base';
import type { AdminServer } from '@culvert/service';
import type { Circuit } from './circuit.ts';
import type { DirectConnections } from './direct-connections.ts';
import type { Drain, DrainPolicy } from './drain.ts';
import type { SessionActor, SessionEnd } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

const BY_OPERATOR: SessionEnd = {
  code: 'session_closed',
  message: 'closed by an operator',
  by: 'operator',
  final: false,
};

export interface AdminRoutesOptions {
  readonly sessions: Sessions;
  readonly drain: Drain;
  readonly direct: DirectConnections;
  /** Bytes that wait for a link to take them. */
  readonly bufferedBytes: () => number;
  readonly onDrain: (policy: DrainPolicy) => void;
}

/** The worker's own endpoints (slides 15–22 of Higashiguchi's talk at SREcon22 Asia/Pacific), and what a drain needs. */
export function addAdminRoutes(app: AdminServer['app'], options: AdminRoutesOptions): void {
  const { sessions, drain, direct, bufferedBytes, onDrain } = options;

  app.get('/sessions', () => ({ items: sessions.all().map(summary) }));

  app.get<{ Params: { id: string } }>('/sessions/:id', (request) => {
    const actor = sessions.get(request.params.id);
    if (actor === undefined) throw new CulvertError('session_not_found');
    const attached = actor.side.circuits().map((circuit) => describe(circuit, true));
    const detached = actor.detached.map((circuit) => describe(circuit, false));
    return { ...summary(actor), connections: [...attached, ...detached] };
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
    // A connection of this worker's own address may go through another worker by now; its browser's socket is here.
    const connections = Math.max(sessions.connections, direct.size);
    const buffered = bufferedBytes();
    const ready = sessions.size === 0 && connections === 0 && buffered === 0;
    return { ready, sessions: sessions.size, connections, bufferedBytes: buffered };
  });

  // Called off by the end of the cordon, which every beat brings.
  app.post<{ Body: unknown }>('/drain', (request, reply) => {
    onDrain(policyOf(request.body));
    return reply.code(202).send({ state: drain.state, sessions: sessions.size, connections: direct.size });
  });

  app.get('/blockers', () => ({ items: drain.blockers() }));
}

/** @throws CulvertError invalid_request */
function policyOf(body: unknown): DrainPolicy {
  const policy = typeof body === 'object' && body !== null && 'policy' in body ? body.policy : 'move';
  if (policy === 'move' || policy === 'wait') return policy;
  throw new CulvertError('invalid_request', 'policy is move or wait');
}

function summary(actor: SessionActor) {
  const { tenantId, name, labels } = actor.ticket;
  return {
    id: actor.id,
    tenant: tenantId,
    name,
    state: stateOf(actor),
    epoch: actor.epoch,
    connections: actor.connections,
    bytesIn: actor.bytesIn,
    bytesOut: actor.bytesOut,
    connectedAt: new Date(actor.connectedAtMs).toISOString(),
    labels,
  };
}

/** As the API has it: a session that is asked to move is served as before. */
function stateOf(actor: SessionActor): string {
  if (actor.state.phase === 'away') return 'offline';
  return actor.serving ? (actor.connections > 0 ? 'busy' : 'idle') : actor.state.phase;
}

function describe(circuit: Circuit, attached: boolean) {
  return {
    id: circuit.request.connectionId,
    target: circuit.target,
    kind: circuit.request.kind,
    openedAt: new Date(circuit.openedAtMs).toISOString(),
    lastByteAt: new Date(circuit.lastByteAtMs).toISOString(),
    bytesIn: circuit.bytesIn,
    bytesOut: circuit.bytesOut,
    attached,
  };
}
