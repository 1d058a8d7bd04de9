import { CulvertError } from '@culvert/base';
import { type MetricKind, makeSink, type Sink } from './sinks.ts';
import { matches, parseSelector, type Selector, type Tags } from './tags.ts';

/** What the values of a metric are, for a summary: times are ms. */
export type Contents = 'default' | 'time' | 'data';

interface Definition {
  readonly kind: MetricKind;
  readonly contents: Contents;
}

const of = (kind: MetricKind, contents: Contents = 'default'): Definition => ({ kind, contents });

/** k6's own, as far as they mean something here, and those of tunnels. docs/LOAD.md says what each is. */
export const BUILT_IN = {
  vus: of('gauge'),
  vus_max: of('gauge'),
  iterations: of('counter'),
  iteration_duration: of('trend', 'time'),
  iterations_failed: of('counter'),
  dropped_iterations: of('counter'),
  checks: of('rate'),
  group_duration: of('trend', 'time'),
  data_sent: of('counter', 'data'),
  data_received: of('counter', 'data'),
  http_reqs: of('counter'),
  http_req_failed: of('rate'),
  http_req_duration: of('trend', 'time'),
  http_req_waiting: of('trend', 'time'),
  connections_opened: of('counter'),
  connections_lost: of('counter'),
  connection_gap: of('trend', 'time'),
  exchange_duration: of('trend', 'time'),
  session_reconnects: of('counter'),
  connections_resumed: of('counter'),
  resume_gap: of('trend', 'time'),
  bytes_wrong: of('counter'),
  generator_delay: of('trend', 'time'),
  node_memory_growth: of('trend'),
  node_descriptor_growth: of('trend'),
  node_loop_delay: of('trend', 'time'),
} as const satisfies Record<string, Definition>;

export type BuiltIn = keyof typeof BUILT_IN;

/** Scripts that make up names as they go would fill the memory. */
const MAX_METRICS = 200;

interface Metric extends Definition {
  readonly sink: Sink;
  /** Parts that a threshold asks for. Others are not kept. */
  readonly parts: { readonly selector: Selector; readonly text: string; readonly sink: Sink }[];
}

/** Every metric of a run. */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  constructor() {
    for (const [name, { kind, contents }] of Object.entries(BUILT_IN)) this.define(name, kind, contents);
  }

  /** Defining one again as the same is no error; as another throws `config_invalid`. */
  define(name: string, kind: MetricKind, contents: Contents = 'default'): void {
    const known = this.#metrics.get(name);
    if (known) {
      if (known.kind === kind) return;
      throw new CulvertError('config_invalid', `the metric ${name} is a ${known.kind}, and can't be a ${kind}`);
    }
    if (this.#metrics.size >= MAX_METRICS) throw new CulvertError('config_invalid', `more than ${MAX_METRICS} metrics`);
    this.#metrics.set(name, { kind, contents, sink: makeSink(kind), parts: [] });
  }

  /** What a threshold on `text`, a metric or `metric{tag:value}`, looks at. Throws `config_invalid`. */
  select(text: string): Sink {
    const selector = parseSelector(text);
    const metric = this.#metric(selector.metric);
    if (Object.keys(selector.tags).length === 0) return metric.sink;
    const known = metric.parts.find((part) => part.text === text);
    if (known) return known.sink;
    const sink = makeSink(metric.kind);
    metric.parts.push({ selector, text, sink });
    return sink;
  }

  add(name: string, value: number, tags: Tags): void {
    const { sink, parts } = this.#metric(name);
    sink.add(value);
    for (const part of parts) if (matches(part.selector.tags, tags)) part.sink.add(value);
  }

  /** All that have a sample, and their parts, in the order in which they were defined. */
  *[Symbol.iterator](): Generator<{ name: string; contents: Contents; sink: Sink }> {
    for (const [name, { contents, sink, parts }] of this.#metrics) {
      if (!sink.empty) yield { name, contents, sink };
      for (const part of parts) if (!part.sink.empty) yield { name: part.text, contents, sink: part.sink };
    }
  }

  #metric(name: string): Metric {
    const metric = this.#metrics.get(name);
    if (!metric) throw new CulvertError('config_invalid', `there is no metric ${name}`);
    return metric;
  }
}
