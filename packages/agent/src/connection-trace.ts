import type { Socket } from 'node:net';
import type { CulvertError, ErrorCode } from '@culvert/base';
import type { OpenRequest } from '@culvert/mux';
import {
  ATTRIBUTE,
  failSpan,
  parentContext,
  SPAN,
  type Span,
  SpanKind,
  type TraceFields,
  type Tracer,
  type Traces,
  traceFields,
} from '@culvert/telemetry';

/** Where an agent's spans go. */
export interface AgentTracing {
  /** Of OpenTelemetry's API. */
  readonly tracer: Tracer;
  /** Is told when a connection is over: whether what was held of its trace, in case it came to matter, does. */
  readonly traces?: Pick<Traces, 'keep' | 'forget'>;
}

/**
 * The agent's part of one connection's trace, under the span of the edge that asked: the dial, and each time that the connection
 * was without a path. Where the edge does not trace, the dial is a root of its own.
 */
export class ConnectionTrace {
  /** For log lines about the connection. */
  readonly logFields: TraceFields;
  readonly #tracing: AgentTracing;
  readonly #request: OpenRequest;
  readonly #dial: Span;
  /** While it has no path. */
  #resume: Span | undefined;

  constructor(tracing: AgentTracing, request: OpenRequest) {
    this.#tracing = tracing;
    this.#request = request;
    this.#dial = this.#start(SPAN.dial, SpanKind.CLIENT);
    this.#dial.setAttributes({ [ATTRIBUTE.serverAddress]: request.host, [ATTRIBUTE.serverPort]: request.port });
    this.logFields = traceFields(this.#dial.spanContext());
  }

  /** The target is reached. */
  dialed({ remoteAddress }: Socket): void {
    if (remoteAddress !== undefined) this.#dial.setAttribute(ATTRIBUTE.peerAddress, remoteAddress);
    this.#dial.end();
  }

  /** It came to nothing; `cancelled`: because the edge took the OPEN back. After the end of the dial: nothing. */
  failed({ code, message }: CulvertError, cancelled: boolean): void {
    if (!this.#dial.isRecording()) return;
    if (cancelled) this.#dial.setAttribute(ATTRIBUTE.reason, code);
    else failSpan(this.#dial, code, message);
    this.#dial.end();
    this.#tracing.traces?.forget(this.#dial.spanContext().traceId);
  }

  /** Its path is gone. */
  detached(): void {
    this.#resume ??= this.#start(SPAN.resume, SpanKind.INTERNAL);
  }

  /** There is another one: it may have had the one before to the end. */
  resumed(gapMs: number, replayedBytes: number): void {
    this.#resume ??= this.#start(SPAN.resume, SpanKind.INTERNAL);
    this.#resume.setAttributes({ [ATTRIBUTE.gapMs]: gapMs, [ATTRIBUTE.replayedBytes]: replayedBytes });
    this.#endResume();
  }

  /** `lost`: what lay between its ends could not go on. */
  closed(reason: 'end' | ErrorCode, lost: boolean): void {
    this.#resume?.setAttribute(ATTRIBUTE.reason, reason);
    if (this.#resume !== undefined && lost) failSpan(this.#resume, reason, 'the connection could not go on');
    this.#endResume();
    const { traceId } = this.#dial.spanContext();
    if (lost) this.#tracing.traces?.keep(traceId, 'failed');
    else this.#tracing.traces?.forget(traceId);
  }

  #endResume(): void {
    this.#resume?.end();
    this.#resume = undefined;
  }

  #start(name: string, kind: SpanKind): Span {
    const { sessionId, connectionId, traceparent, kind: connectionKind } = this.#request;
    const attributes = {
      [ATTRIBUTE.sessionId]: sessionId,
      [ATTRIBUTE.connectionId]: connectionId,
      [ATTRIBUTE.connectionKind]: connectionKind,
    };
    return this.#tracing.tracer.startSpan(name, { kind, attributes }, parentContext(traceparent));
  }
}
