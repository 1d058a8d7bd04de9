import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTRIBUTE, SPAN } from '../spans.ts';
import type { KeptReason } from '../traces.ts';

/** Does a span that ended matter by itself? `slowMs`: set-ups that take longer are slow. */
export function judge(span: ReadableSpan, slowMs: number): KeptReason | undefined {
  if (span.status.code === SpanStatusCode.ERROR) return 'failed';
  if (span.attributes[ATTRIBUTE.kept] === 'resumed') return 'resumed';
  if (span.name === SPAN.resume || span.name === SPAN.switchResume) return 'resumed';
  return setupMsOf(span) > slowMs ? 'slow' : undefined;
}

/** A connection lasts as long as somebody uses it: how long its set-up took stands on it. The other spans are set-up. */
function setupMsOf({ name, attributes, duration }: ReadableSpan): number {
  if (name !== SPAN.connection) return duration[0] * 1_000 + duration[1] / 1e6;
  const setupMs = attributes[ATTRIBUTE.setupMs];
  return typeof setupMs === 'number' ? setupMs : 0;
}

/** The span as it is exported: as if its trace had been sampled, and with the reason on it. */
export function asKept(span: ReadableSpan, why: KeptReason): ReadableSpan {
  const context = { ...span.spanContext(), traceFlags: TraceFlags.SAMPLED };
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => context,
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: span.status,
    attributes: { ...span.attributes, [ATTRIBUTE.kept]: why },
    links: span.links,
    events: span.events,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}
