import type { CulvertError, ErrorCode } from '@culvert/base';
import {
  ATTRIBUTE,
  failSpan,
  ROOT_CONTEXT,
  SPAN,
  type Span,
  type SpanContext,
  SpanKind,
  sessionSpanContext,
  type Tracer,
  trace,
  traceFields,
  traceparentOf,
} from '@culvert/telemetry';
import type { ConnectionObserver, ConnectionWish, EdgeObserver, Resumption } from './observer.ts';
import type { StreamSummary } from './tracked-stream.ts';

/** Contexts kept; each is some 300 bytes. */
const MAX_SESSIONS = 10_000;

/**
 * Traces every connection of a proxy front: a root span `connection` from the wish to the end. Add it only where spans go
 * somewhere: it makes a span per connection, whatever becomes of that. `nodeId`: this edge.
 */
export function tracedConnections(tracer: Tracer, nodeId: string): EdgeObserver {
  const sessions = new SessionContexts();
  return {
    connecting: (wish) => new TracedConnection({ tracer, nodeId, sessions }, wish),
    refused: () => undefined,
  };
}

interface Edge {
  readonly tracer: Tracer;
  readonly nodeId: string;
  readonly sessions: SessionContexts;
}

/** Contexts of `session.open` that were computed lately: the connections of a session come in numbers. */
class SessionContexts {
  readonly #known = new Map<string, { readonly epoch: number; readonly context: SpanContext }>();

  get(sessionId: string, epoch: number): SpanContext {
    const known = this.#known.get(sessionId);
    if (known?.epoch === epoch) return known.context;
    if (this.#known.size >= MAX_SESSIONS) this.#known.clear();
    const context = sessionSpanContext(sessionId, epoch);
    this.#known.set(sessionId, { epoch, context });
    return context;
  }
}

class TracedConnection implements ConnectionObserver {
  readonly traceparent: string;
  readonly logFields: Readonly<Record<string, string>>;
  readonly #tracer: Tracer;
  readonly #sessions: SessionContexts;
  readonly #sessionId: string;
  readonly #span: Span;
  /** While it has no path. */
  #resume: Span | undefined;
  #resumes = 0;
  /** The ownership that was linked to last. */
  #epoch: number | undefined;

  constructor({ tracer, nodeId, sessions }: Edge, wish: ConnectionWish) {
    this.#tracer = tracer;
    this.#sessions = sessions;
    this.#sessionId = wish.sessionId;
    const attributes = wishAttributes(wish, nodeId);
    this.#span = tracer.startSpan(SPAN.connection, { root: true, kind: SpanKind.SERVER, attributes });
    const context = this.#span.spanContext();
    this.traceparent = traceparentOf(context);
    this.logFields = { ...traceFields(context) };
  }

  asked({ node, epoch }: { readonly node: string; readonly epoch: number | undefined }): void {
    this.#span.addEvent('asked', { [ATTRIBUTE.toNode]: node, ...epochAttribute(epoch) });
    this.#linkTo(epoch);
  }

  opened(setupMs: number): void {
    this.#span.addEvent('opened');
    this.#span.setAttribute(ATTRIBUTE.setupMs, setupMs);
  }

  failed(error: CulvertError, setupMs: number): void {
    this.#span.setAttribute(ATTRIBUTE.setupMs, setupMs);
    // A browser that goes away before there is an answer took nothing that it was owed.
    if (error.code === 'cancelled') this.#span.setAttributes({ [ATTRIBUTE.reason]: error.code });
    else failSpan(this.#span, error.code, error.message);
    this.#span.end();
  }

  detached(why: string, from: string | null): void {
    const attributes = { [ATTRIBUTE.reason]: why, ...nodeAttribute(ATTRIBUTE.fromNode, from) };
    this.#span.addEvent('detached', attributes);
    this.#resume ??= this.#tracer.startSpan(SPAN.resume, { attributes }, trace.setSpan(ROOT_CONTEXT, this.#span));
  }

  resumed({ gapMs, replayedBytes, from, to, epoch }: Resumption): void {
    const moved = {
      ...nodeAttribute(ATTRIBUTE.fromNode, from),
      [ATTRIBUTE.toNode]: to,
      [ATTRIBUTE.gapMs]: gapMs,
      [ATTRIBUTE.replayedBytes]: replayedBytes,
      ...epochAttribute(epoch),
    };
    this.#resumes += 1;
    this.#span.addEvent('resumed', moved);
    this.#span.setAttribute(ATTRIBUTE.resumes, this.#resumes);
    this.#linkTo(epoch);
    this.#resume?.setAttributes(moved);
    this.#endResume();
  }

  lost(code: ErrorCode, gapMs: number): void {
    this.#resume?.setAttribute(ATTRIBUTE.gapMs, gapMs);
    if (this.#resume !== undefined) failSpan(this.#resume, code, 'the connection could not go on');
    this.#endResume();
    failSpan(this.#span, code, `it lost its path and could not go on: ${code}`);
  }

  closed({ closedBy, reason, message, bytesIn, bytesOut }: StreamSummary): void {
    this.#span.setAttributes({
      [ATTRIBUTE.closedBy]: closedBy,
      [ATTRIBUTE.reason]: reason,
      [ATTRIBUTE.bytesIn]: bytesIn,
      [ATTRIBUTE.bytesOut]: bytesOut,
    });
    if (closedBy === 'culvert') failSpan(this.#span, reason, message);
    // One side may end it while it has no path.
    this.#endResume();
    this.#span.end();
  }

  #endResume(): void {
    this.#resume?.end();
    this.#resume = undefined;
  }

  /** To the span of the owner's claim, once per ownership. */
  #linkTo(epoch: number | undefined): void {
    if (epoch === undefined || epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#span.addLink({ context: this.#sessions.get(this.#sessionId, epoch), attributes: epochAttribute(epoch) });
  }
}

function wishAttributes(wish: ConnectionWish, nodeId: string): Record<string, string | number> {
  const { sessionId, tenantId, connectionId, kind, target } = wish;
  return {
    [ATTRIBUTE.sessionId]: sessionId,
    [ATTRIBUTE.connectionId]: connectionId,
    [ATTRIBUTE.connectionKind]: kind,
    [ATTRIBUTE.nodeId]: nodeId,
    [ATTRIBUTE.serverAddress]: target.host,
    [ATTRIBUTE.serverPort]: target.port,
    // A local proxy that has not found the session yet does not know whose it is.
    ...(tenantId === '' ? {} : { [ATTRIBUTE.tenantId]: tenantId }),
  };
}

function epochAttribute(epoch: number | undefined): Record<string, number> {
  return epoch === undefined ? {} : { [ATTRIBUTE.epoch]: epoch };
}

function nodeAttribute(name: string, node: string | null): Record<string, string> {
  return node === null ? {} : { [name]: node };
}
