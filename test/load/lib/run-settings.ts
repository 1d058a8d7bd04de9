import type { Clock } from '@culvert/base';
import { declaredMetrics } from './current-run.ts';
import { Metrics } from './metrics.ts';
import type { LoadOptions } from './options.ts';
import type { Run } from './run.ts';
import type { ResolvedScenario } from './scenarios.ts';
import { iterationOf, type LoadScript } from './script.ts';
import type { LoadSite } from './site.ts';
import { Thresholds } from './thresholds.ts';

export interface RunSettings {
  readonly name: string;
  readonly script: LoadScript;
  readonly options: LoadOptions;
  readonly scenarios: readonly ResolvedScenario[];
  readonly site: LoadSite;
  readonly clock: Clock;
  readonly seed: number;
  readonly onTick: (run: Run) => void;
  /** Before the result is made: whoever looks from outside says his last. */
  readonly onEnd: () => Promise<void>;
}

/** Throws `config_invalid` for a threshold, a metric or an `exec` that there is not. */
export function checkScript(script: LoadScript, options: LoadOptions, scenarios: readonly ResolvedScenario[]): void {
  thresholdsOf(options, new Metrics());
  for (const { exec } of scenarios) iterationOf(script, exec);
}

/** The limits of a run, on its metrics and those that scripts have declared. */
export function thresholdsOf(options: LoadOptions, metrics: Metrics): Thresholds {
  for (const { name, kind, contents } of declaredMetrics()) metrics.define(name, kind, contents);
  return new Thresholds(options.thresholds ?? {}, metrics);
}
