import { Random } from '@culvert/mux/testing';

/**
 * A generator of its own for each component: what one draws does not shift what another gets, so a fault that is left
 * out of a failing seed leaves everything else as it was.
 */
export function randomOf(seed: number, component: string): Random {
  let hash = 0x811c9dc5 ^ seed; // FNV-1a
  for (let i = 0; i < component.length; i += 1) hash = Math.imul(hash ^ component.charCodeAt(i), 0x01000193);
  const random = new Random(hash);
  random.next(); // neighbouring seeds differ in few bits; one step spreads them
  return random;
}

/** Between `least` and `most`, a fraction. */
export function between(random: Random, least: number, most: number): number {
  return least + random.next() * (most - least);
}

export type { Random };
