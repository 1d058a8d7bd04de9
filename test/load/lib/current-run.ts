import { AsyncLocalStorage } from 'node:async_hooks';
import { CulvertError } from '@culvert/base';
import type { Contents } from './metrics.ts';
import type { MetricKind } from './sinks.ts';
import type { Tags } from './tags.ts';

/** The run, and the VU, in whose iteration something is called. */
interface Current {
  define(name: string, kind: MetricKind, contents: Contents): void;
  add(name: string, value: number, tags: Tags): void;
}

/** Lets the metrics of a script's own be used as in k6, without saying by whom. */
export const currentRun = new AsyncLocalStorage<Current>();

interface Declared {
  readonly name: string;
  readonly kind: MetricKind;
  readonly contents: Contents;
}

const declared = new Map<string, Declared>();

/** What the scripts of this process have declared so far: thresholds may ask for it before there is a sample. */
export function declaredMetrics(): Iterable<Declared> {
  return declared.values();
}

class CustomMetric {
  readonly #declared: Declared;

  constructor(declaration: Declared) {
    this.#declared = declaration;
    declared.set(declaration.name, declaration);
  }

  /** Within an iteration, `setup` or `teardown` only. A boolean counts as 1 or 0. */
  add(value: number | boolean, tags: Tags = {}): void {
    const { name, kind, contents } = this.#declared;
    const current = currentRun.getStore();
    if (!current) throw new CulvertError('invalid_request', `the metric ${name} is used outside of a run`);
    current.define(name, kind, contents);
    current.add(name, Number(value), tags);
  }
}

/** A sum. */
export class Counter extends CustomMetric {
  constructor(name: string) {
    super({ name, kind: 'counter', contents: 'default' });
  }
}

/** The last value. */
export class Gauge extends CustomMetric {
  constructor(name: string) {
    super({ name, kind: 'gauge', contents: 'default' });
  }
}

/** The share of what is not 0. */
export class Rate extends CustomMetric {
  constructor(name: string) {
    super({ name, kind: 'rate', contents: 'default' });
  }
}

/** A distribution. */
export class Trend extends CustomMetric {
  constructor(name: string, isTime = false) {
    super({ name, kind: 'trend', contents: isTime ? 'time' : 'default' });
  }
}
