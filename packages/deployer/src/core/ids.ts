import type { DeploymentStep } from '@culvert/contracts';
import type { CoreState, Unit } from './types.ts';

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const MAX_ID = 63;

/** FNV-1a, 32 bits: short ids that are the same at each attempt. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

function fourLetters(text: string): string {
  let value = hash(text);
  let letters = '';
  for (let i = 0; i < 4; i += 1) {
    letters += LETTERS[value % LETTERS.length];
    value = Math.floor(value / LETTERS.length);
  }
  return letters;
}

/**
 * Id of the node that takes the place of `id`: its stem, and four letters of the deployment's. `taken` are ids that it must
 * not have: those of nodes that are there.
 */
export function replacementId(id: string, deployment: string, taken: ReadonlySet<string>): string {
  const stem = id.replace(/\.[a-z0-9]{4}$/, '').slice(0, MAX_ID - 5);
  for (let round = 0; ; round += 1) {
    const made = `${stem}.${fourLetters(`${deployment}/${round}`)}`;
    if (made !== id && !taken.has(made)) return made;
  }
}

/** Names one effect: who carried it out once does nothing more when asked again. */
export function effectKey(state: CoreState, unit: Unit, step: DeploymentStep, what?: string): string {
  const key = `${state.id}/${unit.old.id}/${step}/${unit.attempt}`;
  return what === undefined ? key : `${key}/${what}`;
}
