import { type Context, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { KeptReason } from '../traces.ts';
import type { HeldTraces } from './held-traces.ts';
import { asKept, judge } from './judge.ts';

export interface KeepingProcessorOptions {
  /** Takes what is to be exported. */
  readonly next: SpanProcessor;
  readonly held: HeldTraces;
  /** A set-up that takes longer is slow, ms. */
  readonly slowMs: number;
}

/**
 * Passes on what was sampled, and of the rest what turns out to matter: a connection that failed, was slow to open or was
 * resumed, with the spans of its trace that ended before in this process. Goes with `KeepingTracer`.
 */
export class KeepingProcessor implements SpanProcessor {
  readonly #options: KeepingProcessorOptions;

  constructor(options: KeepingProcessorOptions) {
    this.#options = options;
  }

  onStart(span: Span, context: Context): void {
    this.#options.next.onStart(span, context);
  }

  onEnd(span: ReadableSpan): void {
    const { next, held, slowMs } = this.#options;
    if (isSampled(span)) {
      next.onEnd(span);
      return;
    }
    const { traceId } = span.spanContext();
    const why = judge(span, slowMs) ?? held.keptAs(traceId);
    // Nothing follows the root: its children ended before it, and the other processes have roots of their own.
    const isRoot = span.parentSpanContext === undefined;
    if (why !== undefined) {
      this.keep(traceId, why);
      next.onEnd(asKept(span, why));
    } else if (!isRoot) held.hold(span);
    if (isRoot) held.forget(traceId);
  }

  /** That trace matters, as somebody knows who sees more than spans. */
  keep(traceId: string, why: KeptReason): void {
    const { next, held } = this.#options;
    for (const span of held.keep(traceId, why)) next.onEnd(asKept(span, why));
  }

  forceFlush(): Promise<void> {
    return this.#options.next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#options.next.shutdown();
  }
}

function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}
