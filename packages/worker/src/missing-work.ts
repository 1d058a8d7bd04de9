import type { LostOperation, Missing } from '@culvert/registry';

/** What the directory has to be told again; nothing of it is over before all of it has gone through. */
export type MissingWork =
  | { readonly kind: 'all' }
  /** By session and epoch, the newest word on each. */
  | { readonly kind: 'some'; readonly operations: ReadonlyMap<string, LostOperation> };

/** What is left to do when more is missing. undefined: nothing. */
export function withMissing(work: MissingWork | undefined, missing: Missing): MissingWork | undefined {
  if (missing.kind === 'nothing') return work;
  if (missing.kind === 'unknown' || work?.kind === 'all') return { kind: 'all' };
  const operations = new Map(work?.operations);
  for (const operation of missing.operations) operations.set(`${operation.sessionId} ${operation.epoch}`, operation);
  return { kind: 'some', operations };
}
