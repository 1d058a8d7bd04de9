import type { Circuit } from './circuit.ts';
import type { SessionActor } from './session-actor.ts';

/** A session as this worker tells it, with the number of its connections. */
export function summaryOf(actor: SessionActor) {
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

/** … and with the connections themselves. */
export function describeSession(actor: SessionActor) {
  const attached = actor.side.circuits().map((circuit) => connectionOf(circuit, true));
  const detached = actor.detached.map((circuit) => connectionOf(circuit, false));
  return { ...summaryOf(actor), connections: [...attached, ...detached] };
}

/** As the API has it: a session that is asked to move is served as before. */
function stateOf(actor: SessionActor): string {
  if (actor.state.phase === 'away') return 'offline';
  return actor.serving ? (actor.connections > 0 ? 'busy' : 'idle') : actor.state.phase;
}

function connectionOf(circuit: Circuit, attached: boolean) {
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
