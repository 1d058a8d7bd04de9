import type { ErrorCode } from '@culvert/base';
import type { AgentTicket } from '@culvert/service';
import {
  ATTRIBUTE,
  type Attributes,
  failSpan,
  parentContext,
  ROOT_CONTEXT,
  SPAN,
  sessionSpanContext,
  type Telemetry,
} from '@culvert/telemetry';
import type { SessionActor, SessionEnd } from './session-actor.ts';
import type { Entry, SessionWatcher } from './sessions.ts';

/**
 * Spans of sessions: one when this worker takes a session over, one when it gives it up or loses it. Both are over at once, for a
 * span that lasts as long as a session would be exported never. The ids of the first are computed from session and epoch, so
 * whoever knows those can link to it.
 */
export class SessionSpans implements SessionWatcher {
  readonly #telemetry: Pick<Telemetry, 'tracer' | 'traces'>;
  readonly #nodeId: string;

  constructor(telemetry: Pick<Telemetry, 'tracer' | 'traces'>, nodeId: string) {
    this.#telemetry = telemetry;
    this.#nodeId = nodeId;
  }

  entered(actor: SessionActor, { previous, claimMs = 0 }: Entry): void {
    const { id, epoch, ticket } = actor;
    if (epoch === null) return;
    const from = previous === undefined ? {} : { [ATTRIBUTE.fromNode]: previous.node };
    const attributes = { ...this.#about(ticket), [ATTRIBUTE.epoch]: epoch, ...from };
    const links = previous === undefined ? [] : [{ context: sessionSpanContext(id, previous.epoch) }];
    const endTime = Date.now();
    const options = { attributes, links, startTime: endTime - claimMs };
    this.#telemetry.traces.startAs(sessionSpanContext(id, epoch), SPAN.sessionOpen, options).end(endTime);
  }

  refused(ticket: AgentTicket, code: ErrorCode): void {
    const attributes = this.#about(ticket);
    const span = this.#telemetry.tracer.startSpan(SPAN.sessionOpen, { root: true, attributes }, ROOT_CONTEXT);
    failSpan(span, code, 'the session was not let in');
    span.end();
  }

  closed({ id, epoch, ticket }: SessionActor, end: SessionEnd): void {
    if (epoch === null) return;
    const attributes = {
      ...this.#about(ticket),
      [ATTRIBUTE.epoch]: epoch,
      [ATTRIBUTE.reason]: end.code,
      [ATTRIBUTE.closedBy]: end.by,
    };
    const parent = parentContext(sessionSpanContext(id, epoch));
    this.#telemetry.tracer.startSpan(SPAN.sessionClose, { attributes }, parent).end();
  }

  left(): void {}
  connectionEnded(): void {}
  connectionDetached(): void {}

  #about({ sessionId, tenantId }: AgentTicket): Attributes {
    return { [ATTRIBUTE.sessionId]: sessionId, [ATTRIBUTE.tenantId]: tenantId, [ATTRIBUTE.nodeId]: this.#nodeId };
  }
}
