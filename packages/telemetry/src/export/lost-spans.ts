import type { Counter, Meter } from '@opentelemetry/api';
import { instruments } from '../instruments.ts';

/** Why spans never reached a collector: too many traces were held back at a time, or the collector did not take them. */
export type LostReason = 'held_too_long' | 'export_failed';

/** Counts spans that nobody will see; the tracer is there before the meter. */
export class LostSpans {
  #counter: Counter | undefined;

  countedBy(meter: Meter): void {
    this.#counter = instruments(meter).counter('culvert.telemetry.spans.lost');
  }

  add(spans: number, reason: LostReason): void {
    this.#counter?.add(spans, { reason });
  }
}
