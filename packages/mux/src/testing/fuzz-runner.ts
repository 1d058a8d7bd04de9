import { parseArgs } from 'node:util';
import { Random } from './random.ts';

export interface FuzzResult {
  readonly cases: number;
  /** The seed that brings the failure back as the first case. */
  readonly failed?: { readonly seed: number; readonly error: unknown };
}

/** Runs `once` with seeds from `seed` on until the time is up, or one fails. A case that hangs shows by its seed being the last printed. */
export function fuzz(once: (random: Random) => void, options: { seed: number; milliseconds: number }): FuzzResult {
  const until = performance.now() + options.milliseconds;
  let cases = 0;
  while (performance.now() < until) {
    const seed = (options.seed + cases) >>> 0;
    cases += 1;
    try {
      once(new Random(seed));
    } catch (error) {
      return { cases, failed: { seed, error } };
    }
  }
  return { cases };
}

/** The command: `[--seconds N] [--seed S]`. Returns the exit code. */
export function fuzzCommand(name: string, once: (random: Random) => void, args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '30' }, seed: { type: 'string' } },
  });
  const seed = values.seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(values.seed);
  const seconds = Number(values.seconds);
  if (seed === undefined || !Number.isSafeInteger(seed) || !(seconds > 0)) {
    process.stderr.write('usage: [--seconds N] [--seed S]\n');
    return 2;
  }
  process.stdout.write(`${name}: ${seconds} s from seed ${seed}\n`);
  const { cases, failed } = fuzz(once, { seed, milliseconds: seconds * 1_000 });
  if (failed === undefined) {
    process.stdout.write(`${name}: ${cases} cases, no failure\n`);
    return 0;
  }
  const { error } = failed;
  process.stderr.write(`${name}: case ${cases} failed; again with --seed ${failed.seed}\n`);
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
