import { type Simulation, simulate, type Without } from './simulate.ts';
import { Violation } from './violation.ts';

/** Leaves out faults and connections, one by one, as long as the run fails in the same way. */
export async function minimise(failed: Simulation): Promise<{ simulation: Simulation; without: Without }> {
  const without = { faults: new Set<number>(), connections: new Set<number>() };
  let smallest = failed;
  const tryWithout = async (set: Set<number>, number: number): Promise<void> => {
    set.add(number);
    const simulation = await simulate({ seed: failed.seed, without });
    if (sameFailure(simulation.failure, failed.failure)) smallest = simulation;
    else set.delete(number);
  };
  for (const { number } of failed.faults) await tryWithout(without.faults, number);
  for (let number = 0; number < failed.connections; number += 1) await tryWithout(without.connections, number);
  return { simulation: smallest, without };
}

function sameFailure(a: Error | undefined, b: Error | undefined): boolean {
  if (a instanceof Violation && b instanceof Violation) return a.invariant === b.invariant;
  return a !== undefined && b !== undefined && a.name === b.name;
}
