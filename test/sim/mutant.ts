// One mutation, in a process of its own: `node mutant.ts NAME SEEDS`. The sources are changed as they are loaded; no file is.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { MUTATIONS, type Mutation, mutated } from './mutations.ts';

/** What became of it, as one line of JSON. */
export interface MutantResult {
  /** The seed that failed, and how many it took; undefined: none did. */
  readonly seeds: number | undefined;
  readonly failure: string;
}

const root = dirname(dirname(import.meta.dirname));

function install(mutation: Mutation): void {
  const path = join(root, mutation.file);
  const url = pathToFileURL(path).href;
  const source = mutated(mutation, readFileSync(path, 'utf8'));
  registerHooks({
    load(requested, context, next) {
      if (requested !== url) return next(requested, context);
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}

async function main([name, seeds = '0']: string[]): Promise<MutantResult> {
  const mutation = MUTATIONS.find((candidate) => candidate.name === name);
  if (mutation === undefined) throw new Error(`there is no mutation ${name}`);
  install(mutation);
  // Only now, so that what it imports is loaded through the hook.
  const { simulate } = await import('./simulate.ts');
  for (let seed = 1; seed <= Number(seeds); seed += 1) {
    const { failure } = await simulate({ seed });
    if (failure !== undefined) return { seeds: seed, failure: failure.message };
  }
  return { seeds: undefined, failure: '' };
}

process.stdout.write(`${JSON.stringify(await main(process.argv.slice(2)))}\n`);
