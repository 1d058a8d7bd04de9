import {
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What the SDK puts on every span of a process. */
export type Origin = Pick<ReadableSpan, 'resource' | 'instrumentationScope'>;

export interface UnsampledSpanOptions {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  readonly startTime: TimeInput | undefined;
  readonly origin: () => Origin;
  readonly ended: (span: ReadableSpan) => void;
}

interface Noted {
  readonly name: string;
  readonly attributes: Attributes | undefined;
  readonly atMs: number;
}

/**
 * A span that most likely nobody will see: it notes what it is told, at a tenth of the cost of the SDK's, and works it out
 * only when it is exported after all. The SDK's limits for attributes are not applied: Culvert's own are short and few.
 */
export class UnsampledSpan implements Span, ReadableSpan {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly parentSpanContext?: SpanContext;
  name: string;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #options: UnsampledSpanOptions;
  readonly #startMs: number;
  readonly #events: Noted[] = [];
  #endMs: number | undefined;

  constructor(options: UnsampledSpanOptions) {
    this.#options = options;
    this.name = options.name;
    this.kind = options.kind;
    this.attributes = { ...options.attributes };
    this.links = [...options.links];
    if (options.parent !== undefined) this.parentSpanContext = options.parent;
    this.#startMs = msOf(options.startTime);
  }

  readonly spanContext = (): SpanContext => this.#options.context;

  setAttribute(key: string, value: AttributeValue): this {
    this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    const isTime = typeof attributesOrTime === 'number' || Array.isArray(attributesOrTime) || isDate(attributesOrTime);
    const attributes = isTime ? undefined : (attributesOrTime as Attributes | undefined);
    this.#events.push({ name, attributes, atMs: msOf(isTime ? (attributesOrTime as TimeInput) : time) });
    return this;
  }

  addLink(link: Link): this {
    this.links.push(link);
    return this;
  }

  addLinks(links: Link[]): this {
    this.links.push(...links);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  updateName(name: string): this {
    this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const message = typeof exception === 'string' ? exception : (exception.message ?? '');
    this.addEvent('exception', { 'exception.message': message }, time);
  }

  isRecording(): boolean {
    return this.#endMs === undefined;
  }

  end(endTime?: TimeInput): void {
    if (this.#endMs !== undefined) return;
    this.#endMs = Math.max(this.#startMs, msOf(endTime));
    this.#options.ended(this);
  }

  get ended(): boolean {
    return this.#endMs !== undefined;
  }

  get startTime(): HrTime {
    return hrTime(this.#startMs);
  }

  get endTime(): HrTime {
    return hrTime(this.#endMs ?? 0);
  }

  get duration(): HrTime {
    return hrTime((this.#endMs ?? this.#startMs) - this.#startMs);
  }

  get events(): ReadableSpan['events'] {
    return this.#events.map(({ name, attributes = {}, atMs }) => ({ name, attributes, time: hrTime(atMs) }));
  }

  get resource(): ReadableSpan['resource'] {
    return this.#options.origin().resource;
  }

  get instrumentationScope(): ReadableSpan['instrumentationScope'] {
    return this.#options.origin().instrumentationScope;
  }
}

function isDate(value: unknown): value is Date {
  return value instanceof Date;
}

/** ms since the Unix epoch. As the API has it, a number may also be one of performance.now(). */
function msOf(time: TimeInput | undefined): number {
  if (time === undefined) return performance.timeOrigin + performance.now();
  if (isDate(time)) return time.getTime();
  if (Array.isArray(time)) return time[0] * 1_000 + time[1] / 1e6;
  return time <= performance.now() ? performance.timeOrigin + time : time;
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
