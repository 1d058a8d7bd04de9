import type { Simulation, Without } from './simulate.ts';

/** Lines of the story that are shown. */
const LINES = 60;

/** Tells what went wrong in a run: the faults, what came last, and how to see it again. */
export function tellFailure(simulation: Simulation, without: Without | undefined, say: (line: string) => void): void {
  const { seed, failure, faults, story, connections } = simulation;
  if (failure === undefined) return;
  say('');
  say(`seed ${seed}: ${failure.message}`);
  say('');
  say(`faults (${faults.length}), ms behind the start of the traffic; connections: ${connections}`);
  for (const { number, atMs, kind } of faults) say(`  ${number}  ${atMs.toFixed(1).padStart(9)}  ${kind}`);
  if (without !== undefined) {
    const list = (numbers: ReadonlySet<number>): string => [...numbers].join(', ') || 'none';
    say(`left out: faults ${list(without.faults)}; connections ${list(without.connections)}`);
  }
  say('');
  say(`the last ${LINES} lines (number, virtual ms, who, what):`);
  for (const line of story.last(LINES)) say(line);
  say('');
  say(`replay:   npm run sim -- --seed ${seed} --verbose`);
  say(`minimise: npm run sim -- --seed ${seed} --minimise`);
}
