import type { ErrorCode } from '@culvert/base';
import type { OpenRequest } from '@culvert/mux';
import {
  ATTRIBUTE,
  failSpan,
  parentContext,
  parseTraceparent,
  SPAN,
  type Span,
  type SpanContext,
  SpanKind,
  type Telemetry,
} from '@culvert/telemetry';
import type { Circuit, CircuitEnd } from './circuit.ts';

/** Of the session's actor here. */
export interface SessionIdentity {
  readonly tenantId: string;
  readonly epoch: number | null;
}

/**
 * This worker's part of a connection's trace: a span from an OPEN's or a RESUME's arrival until it is answered, by the agent or by
 * the worker itself. Of connections that their edges trace, and of no others; nothing is done per frame.
 */
export class CircuitSpans {
  readonly #telemetry: Pick<Telemetry, 'tracer' | 'traces'>;
  readonly #nodeId: string;
  /** Not answered yet: as many as there are such circuits, which their links bound. */
  readonly #waiting = new Map<Circuit, Span>();

  constructor(telemetry: Pick<Telemetry, 'tracer' | 'traces'>, nodeId: string) {
    this.#telemetry = telemetry;
    this.#nodeId = nodeId;
  }

  /** Circuits that are not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  opened(circuit: Circuit, session: SessionIdentity | undefined): void {
    const span = this.#start(circuit.request, circuit.resumed);
    if (span === undefined) return;
    if (session !== undefined) span.setAttribute(ATTRIBUTE.tenantId, session.tenantId);
    if (session?.epoch != null) span.setAttribute(ATTRIBUTE.epoch, session.epoch);
    this.#waiting.set(circuit, span);
  }

  answered(circuit: Circuit): void {
    this.#take(circuit)?.end();
  }

  /** By this worker itself. */
  refused(request: OpenRequest, code: ErrorCode, resumed: boolean): void {
    const span = this.#start(request, resumed);
    if (span === undefined) return;
    span.setAttribute(ATTRIBUTE.reason, code);
    // A route that was old costs a hop; what becomes of the connection is told by who asks the next worker.
    if (code !== 'wrong_owner') failSpan(span, code, 'refused by the worker');
    span.end();
  }

  /** It goes on elsewhere: the edge asks there. */
  detached(circuit: Circuit, { reason }: CircuitEnd): void {
    this.#take(circuit)?.setAttribute(ATTRIBUTE.reason, reason).end();
    const parent = parentOf(circuit.request);
    // Of what was sent through here before there is nothing more to come that would say so.
    if (parent !== undefined) this.#telemetry.traces.keep(parent.traceId, 'resumed');
  }

  /** Before there was an answer this is one: a refusal, or the edge took the OPEN back. */
  ended(circuit: Circuit, { by, reason, message }: CircuitEnd): void {
    const span = this.#take(circuit);
    span?.setAttributes({ [ATTRIBUTE.reason]: reason, [ATTRIBUTE.closedBy]: by });
    if (span !== undefined && by !== 'edge') failSpan(span, reason, message);
    span?.end();
    const parent = parentOf(circuit.request);
    if (parent === undefined) return;
    // Broken off from here: the connection is lost, and what was sent through before is part of its story.
    if (by === 'worker') this.#telemetry.traces.keep(parent.traceId, 'failed');
    else this.#telemetry.traces.forget(parent.traceId);
  }

  #take(circuit: Circuit): Span | undefined {
    const span = this.#waiting.get(circuit);
    this.#waiting.delete(circuit);
    return span;
  }

  #start(request: OpenRequest, resumed: boolean): Span | undefined {
    const parent = parentOf(request);
    if (parent === undefined) return undefined;
    const attributes = {
      [ATTRIBUTE.sessionId]: request.sessionId,
      [ATTRIBUTE.connectionId]: request.connectionId,
      [ATTRIBUTE.connectionKind]: request.kind,
      [ATTRIBUTE.nodeId]: this.#nodeId,
    };
    const name = resumed ? SPAN.switchResume : SPAN.switchOpen;
    const context = parentContext(parent);
    return this.#telemetry.tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes }, context);
  }
}

/** The edge's span; undefined: the edge does not trace the connection. */
function parentOf({ traceparent }: OpenRequest): SpanContext | undefined {
  return traceparent === undefined ? undefined : parseTraceparent(traceparent);
}
