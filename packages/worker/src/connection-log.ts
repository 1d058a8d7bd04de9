import type { LogFields, Logger } from '@culvert/base';
import { type ClosedBy, closedBy } from '@culvert/edge';
import { traceFields } from '@culvert/telemetry';
import type { Circuit, CircuitEnd } from './circuit.ts';

/** The story of connections through this worker, one line a step, in the words of the edge and of the agent. */
export class ConnectionLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  came(circuit: Circuit, tenantId: string | undefined): void {
    const fields = { target: circuit.target, kind: circuit.request.kind };
    const event = circuit.resumed ? 'connection.resume' : 'connection.open';
    const message = circuit.resumed ? 'connection goes on through this worker' : 'connection through this worker';
    this.#logger.info({ ...idsOf(event, circuit, tenantId), ...fields }, message);
  }

  detached(circuit: Circuit, { by, reason, message }: CircuitEnd, tenantId: string | undefined): void {
    const fields = { ...idsOf('connection.detach', circuit, tenantId), by, reason };
    this.#logger.info(fields, `connection lost its way through this worker: ${message}`);
  }

  /** It is over, or came to nothing. */
  over(circuit: Circuit, end: CircuitEnd, tenantId: string | undefined, nowMs: number): void {
    const { target, request, open, bytesIn, bytesOut } = circuit;
    const why = end.message === '' ? '' : `: ${end.message}`;
    if (!open && !circuit.resumed) {
      const fields = {
        ...idsOf('connection.refused', circuit, tenantId),
        target,
        kind: request.kind,
        code: end.reason,
      };
      this.#logger.info(fields, `no connection${why}`);
      return;
    }
    const fields = {
      ...idsOf('connection.close', circuit, tenantId),
      ...{ target, kind: request.kind, bytes_in: bytesIn, bytes_out: bytesOut },
      duration_ms: Math.round(nowMs - circuit.openedAtMs),
      closed_by: whoClosed(circuit, end),
      reason: end.by === 'both' ? 'end' : end.reason,
    };
    this.#logger.info(fields, `connection ended${why}`);
  }
}

function whoClosed({ endedFirst }: Circuit, { by, reason }: CircuitEnd): ClosedBy {
  if (by === 'both') return endedFirst ?? 'browser';
  if (by === 'worker') return 'culvert';
  return closedBy(by === 'edge' ? 'browser' : 'target', reason);
}

function idsOf(event: string, { request }: Circuit, tenantId: string | undefined): LogFields {
  const { sessionId, connectionId, traceparent } = request;
  const ids = { event, session_id: sessionId, connection_id: connectionId };
  return { ...ids, ...(tenantId === undefined ? {} : { tenant_id: tenantId }), ...traceFields(traceparent) };
}
