import type { SpanContext } from '@opentelemetry/api';
import {
  type IdGenerator,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { baseSampler } from '../export/sdk.ts';
import { ChosenIds } from '../sampling/chosen-ids.ts';
import { EssentialSampler } from '../sampling/essential-sampler.ts';
import { HeldTraces, type HeldTracesOptions } from '../sampling/held-traces.ts';
import { KeepingProcessor } from '../sampling/keeping-processor.ts';
import { KeepingTracer } from '../sampling/keeping-tracer.ts';

export const SLOW_MS = 1_000;

/** A process that traces, with what it exported. `ratio`: of `parentbased_traceidratio`. */
export function tracedProcess(ratio: number, ids: IdGenerator, options: Partial<HeldTracesOptions> = {}) {
  const exporter = new InMemorySpanExporter();
  const lost: number[] = [];
  const held = new HeldTraces({ lost: (spans) => lost.push(spans), ...options });
  const processor = new KeepingProcessor({ next: new SimpleSpanProcessor({ exporter }), held, slowMs: SLOW_MS });
  const base = baseSampler({ name: 'parentbased_traceidratio', ratio });
  const chosen = new ChosenIds(ids);
  const provider = new TracerProvider({
    sampler: new EssentialSampler(base),
    idGenerator: chosen,
    spanProcessors: [processor],
  });
  const inner = provider.getTracer('test');
  const tracer = new KeepingTracer({ inner, base, ids: chosen, ended: (span) => processor.onEnd(span) });
  return {
    ...{ held, lost, processor, tracer },
    get exported(): ReadableSpan[] {
      return exporter.getFinishedSpans();
    },
  };
}

/** As another process hears of a span. */
export function remote({ traceId, spanId, traceFlags }: SpanContext): SpanContext {
  return { traceId, spanId, traceFlags, isRemote: true };
}

/** Ids by xorshift32, so that a run can be repeated. */
export class SeededIds implements IdGenerator {
  #state: number;

  /** Not 0. */
  constructor(seed: number) {
    this.#state = seed;
  }

  generateTraceId(): string {
    return this.#word() + this.#word() + this.#word() + this.#word();
  }

  generateSpanId(): string {
    return this.#word() + this.#word();
  }

  /** 0 ≤ x < 1. */
  random(): number {
    return Number.parseInt(this.#word(), 16) / 2 ** 32;
  }

  #word(): string {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0).toString(16).padStart(8, '0');
  }
}
