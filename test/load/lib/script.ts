import { CulvertError } from '@culvert/base';
import type { LoadOptions } from './options.ts';
import type { Vu } from './vu.ts';

/** What one iteration does; `data` is what `setup` returned. */
export type Iteration = (vu: Vu, data: unknown) => unknown;

/** A load test: what a script file exports, as in k6. */
export interface LoadScript {
  readonly options: LoadOptions;
  readonly default?: Iteration;
  readonly setup?: (vu: Vu) => unknown;
  readonly teardown?: (vu: Vu, data: unknown) => unknown;
  /** What scenarios name as `exec`. */
  readonly [exec: string]: unknown;
}

/** The function that a scenario runs. Throws `config_invalid` when the script exports none of that name. */
export function iterationOf(script: LoadScript, exec: string): Iteration {
  const found = script[exec];
  if (typeof found === 'function') return found as Iteration; // what it takes can't be seen at run time
  throw new CulvertError('config_invalid', `the script exports no function ${exec}`);
}
