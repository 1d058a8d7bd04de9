import type { SpanContext } from '@opentelemetry/api';
import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace';

/** Random ids, unless the one who starts a span has ids for it. */
export class ChosenIds implements IdGenerator {
  readonly #random: IdGenerator;
  #chosen: SpanContext | undefined;

  constructor(random: IdGenerator = new RandomIdGenerator()) {
    this.#random = random;
  }

  /** The one root span that `start` starts has these ids. */
  with<T>(ids: SpanContext, start: () => T): T {
    this.#chosen = ids;
    try {
      return start();
    } finally {
      this.#chosen = undefined;
    }
  }

  generateTraceId(): string {
    return this.#chosen?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#chosen?.spanId ?? this.#random.generateSpanId();
  }
}
