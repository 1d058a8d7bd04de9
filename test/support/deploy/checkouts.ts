import { join } from 'node:path';

/** Checkouts of versions that are bad, each in its own way. */
const CHECKOUTS = join(import.meta.dirname, 'checkouts');

export type BadVersion = 'no-start' | 'no-resume' | 'fails-under-load';

/** Where the process provider finds it. */
export function checkoutOf(version: BadVersion): string {
  return join(CHECKOUTS, version);
}
