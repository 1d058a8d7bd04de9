import type { LostOperation, Missing } from '@culvert/registry';

/** What the directory has to be told again; nothing of it is over before all of it has gone through. */
export type MissingWork =
  | { readonly kind: 'all' }
  /** By session and epoch, the newest word on each. `strays`: the directory may also have what is not here. */
  | { readonly kind: 'some'; readonly operations: ReadonlyMap<string, LostOperation>; readonly strays: boolean };

/** What is left to do when more is missing. undefined: nothing. */
export function withMissing(work: MissingWork | undefined, missing: Missing): MissingWork | undefined {
  if (missing.kind === 'nothing') return work;
  if (missing.kind === 'unknown' || work?.kind === 'all') return { kind: 'all' };
  const operations = new Map(work?.operations);
  for (const operation of missing.operations) operations.set(`${operation.sessionId} ${operation.epoch}`, operation);
  return { kind: 'some', operations, strays: work?.strays === true };
}

/** … and a command of this worker's came to nobody knows what. */
export function withStrays(work: MissingWork | undefined): MissingWork {
  if (work?.kind === 'all') return work;
  return { kind: 'some', operations: work?.operations ?? new Map(), strays: true };
}
