import { CulvertError } from '@culvert/base';
import { type Duration, parseDuration } from './duration.ts';
import type { Metrics } from './metrics.ts';
import { AGGREGATIONS, type Sink } from './sinks.ts';

/** An expression such as `p(95)<500`, alone or with what becomes of the run when it does not hold. */
export type ThresholdSpec =
  | string
  | { readonly threshold: string; readonly abortOnFail?: boolean; readonly delayAbortEval?: Duration };

/** By metric, or part of one: `http_req_duration{kind:connect}`. */
export type ThresholdSpecs = Readonly<Record<string, readonly ThresholdSpec[]>>;

const COMPARE = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '===': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
} as const;

interface Expression {
  readonly aggregation: string;
  readonly operator: keyof typeof COMPARE;
  readonly limit: number;
}

/** What a threshold came to. */
export interface ThresholdResult {
  readonly metric: string;
  readonly expression: string;
  readonly aggregation: string;
  /** Undefined: the metric had no samples, and the threshold holds, as in k6; counters and rates of nothing are 0. */
  readonly value: number | undefined;
  readonly ok: boolean;
}

/** Throws `config_invalid`. */
export function parseExpression(text: string): Expression {
  const match =
    /^\s*([a-z]+(?:\(\s*[\d.]+\s*\))?)\s*(<=|>=|===|==|!=|<|>)\s*([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*$/i.exec(text);
  if (!match) throw new CulvertError('config_invalid', `${JSON.stringify(text)} is no threshold such as p(95)<500`);
  const [, aggregation = '', operator = '', limit] = match;
  return {
    aggregation: aggregation.replaceAll(' ', ''),
    operator: operator as keyof typeof COMPARE,
    limit: Number(limit),
  };
}

interface Threshold extends Expression {
  readonly metric: string;
  readonly text: string;
  readonly sink: Sink;
  readonly abortOnFail: boolean;
  readonly delayMs: number;
}

/** The limits of a run. */
export class Thresholds {
  readonly #all: Threshold[] = [];

  /** Throws `config_invalid` for an expression, a metric or an aggregation that there is not. */
  constructor(specs: ThresholdSpecs, metrics: Metrics) {
    for (const [metric, list] of Object.entries(specs)) {
      const sink = metrics.select(metric);
      for (const spec of list) this.#add(metric, sink, typeof spec === 'string' ? { threshold: spec } : spec);
    }
  }

  get size(): number {
    return this.#all.length;
  }

  results(elapsedMs: number): ThresholdResult[] {
    return this.#all.map((threshold) => resultOf(threshold, elapsedMs));
  }

  /** The first that does not hold now and ends the run for it. */
  breaking(elapsedMs: number): ThresholdResult | undefined {
    const watched = this.#all.filter(({ abortOnFail, delayMs }) => abortOnFail && elapsedMs >= delayMs);
    return watched.map((threshold) => resultOf(threshold, elapsedMs)).find(({ ok }) => !ok);
  }

  #add(metric: string, sink: Sink, spec: Exclude<ThresholdSpec, string>): void {
    const expression = parseExpression(spec.threshold);
    if (!AGGREGATIONS[sink.kind].test(expression.aggregation)) {
      const why = `${metric} is a ${sink.kind}: it has no ${expression.aggregation}`;
      throw new CulvertError('config_invalid', `threshold ${JSON.stringify(spec.threshold)}: ${why}`);
    }
    const delayMs = parseDuration(spec.delayAbortEval ?? 0, 'delayAbortEval');
    this.#all.push({
      ...expression,
      metric,
      text: spec.threshold,
      sink,
      abortOnFail: spec.abortOnFail ?? false,
      delayMs,
    });
  }
}

function resultOf({ metric, text, aggregation, operator, limit, sink }: Threshold, elapsedMs: number): ThresholdResult {
  // Nothing counted is 0 for a count; a percentile of nothing says nothing.
  const silent = sink.empty && (sink.kind === 'trend' || sink.kind === 'gauge');
  const value = silent ? undefined : sink.value(aggregation, elapsedMs);
  return { metric, expression: text, aggregation, value, ok: value === undefined || COMPARE[operator](value, limit) };
}
