/** Which process shows a metric. `agent`: the agent and the local proxy. */
export type MetricRole = 'api' | 'gateway' | 'worker' | 'deployer' | 'agent';

export type MetricKind =
  /** Rises for as long as the process lives. */
  | 'counter'
  /** The same, read from a total when somebody looks. */
  | 'observable-counter'
  /** Rises and falls, by steps. */
  | 'up-down-counter'
  /** Is read when somebody looks. */
  | 'gauge'
  /** How values are spread. */
  | 'histogram';

/** One row of the table of metrics. */
export interface MetricDefinition {
  readonly kind: MetricKind;
  /** UCUM, as OpenTelemetry writes units: `s`, `By`, `1`, `{connection}`. */
  readonly unit: string;
  readonly description: string;
  /** Name → what it may be; every one has few values, whatever customers do. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly roles: readonly MetricRole[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}
