// `npm run sim -- [--seeds N] [--from S] [--seed S [--verbose] [--minimise]] [--mutations [NAME…]]`: see README.md.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Done, runChunks } from './chunks.ts';
import { minimise } from './minimise.ts';
import { tellFailure } from './report.ts';
import { simulate } from './simulate.ts';

const DEFAULT_SEEDS = 1_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    minimise: { type: 'boolean', default: false },
    mutations: { type: 'boolean', default: false },
    chunk: { type: 'boolean', default: false },
  },
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${flag} takes a whole number, not ${text}`);
  return value;
}

async function one(seed: number): Promise<number> {
  const result = await simulate({ seed, ...(values.verbose ? { tell: say } : {}) });
  if (result.failure === undefined) {
    const { events, virtualMs, opened, bytes } = result;
    say(
      `seed ${seed}: nothing is wrong; ${events} events in ${Math.round(virtualMs / 1_000)} s, ${opened} connections, ${bytes} bytes`,
    );
    return 0;
  }
  const smaller = values.minimise ? await minimise(result) : undefined;
  tellFailure(smaller?.simulation ?? result, smaller?.without, say);
  return 1;
}

/** In a process of its own: tells each seed that is done to whoever started it. */
async function chunk(from: number, count: number): Promise<number> {
  // Whoever started it is gone: nobody waits for the rest.
  const orphaned = (): never => process.exit(2);
  process.once('disconnect', orphaned);
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await simulate({ seed });
    if (result.failure !== undefined) {
      tellFailure(result, undefined, say);
      return 1;
    }
    const done: Done = { bytes: result.bytes };
    process.send?.(done);
  }
  process.off('disconnect', orphaned);
  process.disconnect?.();
  return 0;
}

async function main(): Promise<number> {
  if (values.mutations) {
    const { tryMutations } = await import('./mutate.ts');
    return tryMutations(positionals, wholeNumber('seeds', values.seeds ?? String(DEFAULT_SEEDS)), say);
  }
  if (values.seed !== undefined) return one(wholeNumber('seed', values.seed));
  const from = wholeNumber('from', values.from);
  const count = wholeNumber('seeds', values.seeds ?? String(DEFAULT_SEEDS));
  return values.chunk ? chunk(from, count) : runChunks(from, count, say);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`sim: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
