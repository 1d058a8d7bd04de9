import {
  type Context,
  INVALID_SPANID,
  INVALID_TRACEID,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { ATTRIBUTE } from './spans.ts';

/** W3C Trace Context §3.2: version, trace-id, parent-id, trace-flags; versions above 00 may have more behind that. */
const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The header's value for a span, in version 00. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Undefined for what is no valid traceparent: §3.2.2.3 has it ignored, as if there were none. */
export function parseTraceparent(text: string): SpanContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = FORM.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSet(context) ? context : undefined;
}

/** Where a child of that span is started: its context, or its traceparent; without a valid one the child is a root. */
export function parentContext(parent: SpanContext | string | undefined): Context {
  const context = typeof parent === 'string' ? parseTraceparent(parent) : parent;
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

/** Not all zeros, which stands for none (§3.2.2.3, §3.2.2.4); that they are hex was seen, or is the SDK's doing. */
function isSet({ traceId, spanId }: SpanContext): boolean {
  return traceId !== INVALID_TRACEID && spanId !== INVALID_SPANID;
}

/** What log lines about that span carry. */
export interface TraceFields {
  readonly trace_id?: string;
  readonly span_id?: string;
}

/** Nothing when there is no valid context. */
export function traceFields(of: SpanContext | string | undefined): TraceFields {
  const context = typeof of === 'string' ? parseTraceparent(of) : of;
  if (context === undefined || !isSet(context)) return {};
  return { trace_id: context.traceId, span_id: context.spanId };
}

/** The span's work came to nothing; `code` is one of Culvert's error codes. */
export function failSpan(span: Span, code: string, message: string): void {
  span.setAttribute(ATTRIBUTE.errorType, code);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
