import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { MutantResult } from './mutant.ts';
import { MUTATIONS } from './mutations.ts';

/** A mutant may hang what it breaks; virtual time does not end a loop. ms. */
const LIMIT_MS = 300_000;
const run = promisify(execFile);

/** Tries one mutation on seeds 1 to `seeds`. @throws when it ends by itself or by the time limit */
export async function runMutant(name: string, seeds: number): Promise<MutantResult> {
  const args = [join(import.meta.dirname, 'mutant.ts'), name, String(seeds)];
  const { stdout } = await run(process.execPath, args, { timeout: LIMIT_MS, killSignal: 'SIGKILL' });
  return JSON.parse(stdout) as MutantResult;
}

/** Tries each mutation (or those that are named) until a seed fails, and tells the table of the README. 1: one was not found that can be. */
export async function tryMutations(
  names: readonly string[],
  seeds: number,
  say: (line: string) => void,
): Promise<number> {
  const chosen = MUTATIONS.filter(({ name }) => names.length === 0 || names.includes(name));
  let missed = chosen.length === 0 ? 1 : 0;
  say('| mutation | what is wrong | file | seeds | found as |');
  say('|---|---|---|---|---|');
  for (const { name, what, file, unseen } of chosen) {
    let found: MutantResult;
    try {
      found = await runMutant(name, seeds);
    } catch (error) {
      found = { seeds: undefined, failure: error instanceof Error ? error.message.slice(0, 200) : String(error) };
    }
    if (found.seeds === undefined && unseen === undefined) missed += 1;
    const seen = found.failure.split('\n')[0]?.replaceAll('|', '\\|') ?? '';
    const how = found.seeds === undefined && unseen !== undefined ? `not seen, likely because ${unseen}` : seen;
    say(`| ${name} | ${what} | ${file} | ${found.seeds ?? `not in ${seeds}`} | ${how} |`);
  }
  return missed === 0 ? 0 : 1;
}
