import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { KeptReason } from '../traces.ts';

const MAX_TRACES = 2_000;
/** Of one trace; a connection that changes its path more often than that was kept long ago. */
const MAX_SPANS = 8;
const MAX_AGE_MS = 3_600_000;
/** Of each no more than two short strings. */
const MAX_KEPT = 20_000;

export interface HeldTracesOptions {
  readonly maxTraces?: number;
  readonly maxSpans?: number;
  /** Counted from a trace's first span, ms. */
  readonly maxAgeMs?: number;
  readonly maxKept?: number;
  /** So many spans gave way before it was known whether they matter. */
  readonly lost: (spans: number) => void;
  /** ms, ever rising. */
  readonly now?: () => number;
}

interface Held {
  readonly sinceMs: number;
  readonly spans: ReadableSpan[];
}

/** Spans that ended, of traces of which it is not known yet whether they matter; and which ones turned out to. */
export class HeldTraces {
  readonly #options: Required<HeldTracesOptions>;
  /** The oldest first. */
  readonly #held = new Map<string, Held>();
  readonly #kept = new Map<string, KeptReason>();

  constructor(options: HeldTracesOptions) {
    this.#options = {
      ...{ maxTraces: MAX_TRACES, maxSpans: MAX_SPANS, maxAgeMs: MAX_AGE_MS, maxKept: MAX_KEPT },
      ...{ now: () => performance.now(), ...options },
    };
  }

  /** Traces of which something is held. */
  get size(): number {
    return this.#held.size;
  }

  hold(span: ReadableSpan): void {
    const { maxSpans, now } = this.#options;
    const { traceId } = span.spanContext();
    const held = this.#held.get(traceId);
    if (held === undefined) {
      this.#makeRoom();
      this.#held.set(traceId, { sinceMs: now(), spans: [span] });
      return;
    }
    held.spans.push(span);
    if (held.spans.length <= maxSpans) return;
    held.spans.shift();
    this.#options.lost(1);
  }

  /** The trace matters: returns what was held of it. The first reason stays. */
  keep(traceId: string, why: KeptReason): readonly ReadableSpan[] {
    const spans = this.#held.get(traceId)?.spans ?? [];
    this.#held.delete(traceId);
    if (!this.#kept.has(traceId)) {
      this.#kept.set(traceId, why);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > this.#options.maxKept && oldest !== undefined) this.#kept.delete(oldest);
    }
    return spans;
  }

  keptAs(traceId: string): KeptReason | undefined {
    return this.#kept.get(traceId);
  }

  /** Nothing follows of that trace. */
  forget(traceId: string): void {
    this.#held.delete(traceId);
    this.#kept.delete(traceId);
  }

  #makeRoom(): void {
    const { maxTraces, maxAgeMs, now, lost } = this.#options;
    const before = now() - maxAgeMs;
    for (const [traceId, { sinceMs, spans }] of this.#held) {
      if (this.#held.size < maxTraces && sinceMs >= before) return;
      this.#held.delete(traceId);
      lost(spans.length);
    }
  }
}
