export type AttributeValue = string | number | boolean | readonly AttributeValue[] | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface ReceivedSpan {
  readonly name: string;
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: a root. */
  readonly parentSpanId: string;
  /** ms since the Unix epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly atMs: number; readonly attributes: Attributes }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
  /** W3C trace flags. */
  readonly flags: number;
  /** Of the process that sent it. */
  readonly resource: Attributes;
}

export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly attributes: Attributes;
  /** A histogram's is its sum. */
  readonly value: number;
  /** Of a histogram: how many values. */
  readonly count: number | undefined;
  readonly resource: Attributes;
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUSES = ['unset', 'ok', 'error'] as const;
const FLAGS_MASK = 0xff;

// OTLP's JSON encoding, as far as it is looked at: what a sender leaves out has its default.
interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}
interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
}
interface Resource {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
}
interface JsonSpan {
  readonly name?: string;
  readonly kind?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { name?: string; timeUnixNano?: string; attributes?: readonly KeyValue[] }[];
  readonly links?: readonly { traceId?: string; spanId?: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly flags?: number;
}
interface JsonPoint {
  readonly attributes?: readonly KeyValue[];
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly count?: string | number;
  readonly sum?: number;
}
interface Points {
  readonly dataPoints?: readonly JsonPoint[];
}
interface JsonMetric {
  readonly name?: string;
  readonly unit?: string;
  readonly gauge?: Points;
  readonly sum?: Points;
  readonly histogram?: Points;
}
export interface TracesRequest {
  readonly resourceSpans?: readonly (Resource & {
    readonly scopeSpans?: readonly { readonly spans?: readonly JsonSpan[] }[];
  })[];
}
export interface MetricsRequest {
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly JsonMetric[] }[];
  })[];
}

export function spansOf({ resourceSpans = [] }: TracesRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const from = attributesOf(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => spanOf(span, from)));
  });
}

function spanOf(span: JsonSpan, resource: Attributes): ReceivedSpan {
  const { name = '', traceId = '', spanId = '', parentSpanId = '', events = [], links = [] } = span;
  return {
    ...{ name, traceId, spanId, parentSpanId, resource },
    kind: KINDS[span.kind ?? 0] ?? 'unspecified',
    startMs: msOf(span.startTimeUnixNano),
    endMs: msOf(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    events: events.map((event) => ({
      name: event.name ?? '',
      atMs: msOf(event.timeUnixNano),
      attributes: attributesOf(event.attributes),
    })),
    links: links.map((link) => ({ traceId: link.traceId ?? '', spanId: link.spanId ?? '' })),
    status: { code: STATUSES[span.status?.code ?? 0] ?? 'unset', message: span.status?.message ?? '' },
    flags: (span.flags ?? 0) & FLAGS_MASK,
  };
}

export function pointsOf({ resourceMetrics = [] }: MetricsRequest): ReceivedPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) => {
    const from = attributesOf(resource?.attributes);
    return scopeMetrics.flatMap(({ metrics = [] }) => metrics.flatMap((metric) => pointsOfOne(metric, from)));
  });
}

function pointsOfOne(metric: JsonMetric, resource: Attributes): ReceivedPoint[] {
  const { name = '', unit = '' } = metric;
  return (['gauge', 'sum', 'histogram'] as const).flatMap((kind) =>
    (metric[kind]?.dataPoints ?? []).map(({ attributes, asDouble, asInt, sum, count }) => ({
      ...{ name, unit, kind, resource },
      attributes: attributesOf(attributes),
      value: asDouble ?? sum ?? Number(asInt ?? 0),
      count: count === undefined ? undefined : Number(count),
    })),
  );
}

function attributesOf(pairs: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: AnyValue = {}): AttributeValue {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

function msOf(nanos = '0'): number {
  return Number(BigInt(nanos) / 1000n) / 1000;
}
