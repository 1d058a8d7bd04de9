import type { DirectoryEntry, DirectorySnapshot, ServedSession, WorkerSnapshot } from '../snapshot.ts';

/** Boots are named after their workers. */
export const bootOf = (worker: string): string => `${worker}-boot`;

/** An entry of `owner` (null: vacant), as the directory has it while all is well. */
export function entryOf(owner: string | null, over: Partial<DirectoryEntry> = {}): DirectoryEntry {
  return {
    tenant: 'acme',
    owner: owner === null ? null : { id: owner, boot: bootOf(owner) },
    epoch: 7,
    state: 'busy',
    connections: 2,
    changedAtMs: 1_000,
    bytes: 10,
    listed: true,
    ...over,
  };
}

/** What the owner of such an entry says of it. */
export function servedOf(over: Partial<ServedSession> = {}): ServedSession {
  return { tenant: 'acme', state: 'busy', epoch: 7, connections: 2, ...over };
}

export function workerOf(id: string, sessions: Readonly<Record<string, ServedSession>> = {}): WorkerSnapshot {
  return { id, boot: bootOf(id), sessions: new Map(Object.entries(sessions)) };
}

/** A directory whose indexes agree with its entries, unless told otherwise. */
export function directoryOf(
  sessions: Readonly<Record<string, DirectoryEntry>>,
  over: Partial<DirectorySnapshot> = {},
): DirectorySnapshot {
  const owned = new Map<string, Set<string>>();
  for (const [id, { owner }] of Object.entries(sessions)) {
    if (owner) owned.set(owner.id, (owned.get(owner.id) ?? new Set()).add(id));
  }
  const entries = new Map(Object.entries(sessions));
  return { entries, owned, strayMembers: [], reservations: new Map(), ...over };
}
