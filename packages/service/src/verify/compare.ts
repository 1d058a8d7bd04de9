import type { Difference, Holder, NamedOwner } from './difference.ts';
import {
  type DirectoryEntry,
  type DirectorySnapshot,
  type HeldSession,
  isHeld,
  type WorkerSnapshot,
} from './snapshot.ts';

/**
 * What differs between the directory and the truth of the workers. Pure. Sessions of a worker that did not answer are not
 * judged. `only`: the sessions to judge; without it all that either side knows.
 */
export function compareRegistry(
  directory: DirectorySnapshot,
  workers: readonly WorkerSnapshot[],
  only?: ReadonlySet<string>,
): Difference[] {
  const judged = (id: string): boolean => only === undefined || only.has(id);
  const byId = new Map(workers.map((worker) => [worker.id, worker]));
  const strays = findStrays(directory, workers, judged);
  const found: Difference[] = [];
  for (const worker of workers) {
    if (worker.trouble !== undefined) found.push({ kind: 'unreachable', worker: worker.id, why: worker.trouble });
  }
  for (const [id, entry] of directory.entries) {
    if (!judged(id)) continue;
    found.push(...judgeEntry(id, entry, byId, strays.get(id) ?? []));
    found.push(...judgeIndexes(id, entry, directory, byId));
  }
  for (const [id, holders] of strays) {
    if (!directory.entries.has(id)) found.push(...judgeUnknown(id, holders));
  }
  found.push(...findExtraMembers(directory, judged), ...findOrphans(directory, judged));
  return found;
}

/** Who has a session that the directory does not have as theirs. */
function findStrays(
  { entries }: DirectorySnapshot,
  workers: readonly WorkerSnapshot[],
  judged: (id: string) => boolean,
): Map<string, Holder[]> {
  const strays = new Map<string, Holder[]>();
  for (const worker of workers) {
    for (const [id, session] of worker.sessions ?? []) {
      if (!judged(id) || !isHeld(session) || entries.get(id)?.owner?.id === worker.id) continue;
      const holders = strays.get(id) ?? [];
      holders.push({ worker: worker.id, epoch: session.epoch, state: session.state });
      strays.set(id, holders);
    }
  }
  return strays;
}

function judgeUnknown(session: string, holders: readonly Holder[]): Difference[] {
  const [holder, ...others] = holders;
  if (holder === undefined) return [];
  return others.length > 0
    ? [{ kind: 'two_owners', session, owner: null, holders }]
    : [{ kind: 'missing', session, holder }];
}

function judgeEntry(
  session: string,
  entry: DirectoryEntry,
  workers: ReadonlyMap<string, WorkerSnapshot>,
  strays: readonly Holder[],
): Difference[] {
  const { owner: named, epoch } = entry;
  const holder = strays[0] ?? null;
  if (named === null) {
    return strays.length > 1
      ? [{ kind: 'two_owners', session, owner: null, holders: strays }]
      : [{ kind: 'vacant', session, epoch, holder }];
  }
  const owner: NamedOwner = { worker: named.id, boot: named.boot, epoch };
  const worker = workers.get(named.id);
  if (worker !== undefined && worker.sessions === undefined) {
    return strays.length > 1 ? [{ kind: 'two_owners', session, owner, holders: strays }] : [];
  }
  const served = worker?.sessions?.get(session);
  if (worker === undefined || worker.boot !== named.boot || !isHeld(served)) {
    const own = isHeld(served) ? [{ worker: named.id, epoch: served.epoch, state: served.state }] : [];
    const holders = [...own, ...strays];
    if (holders.length > 1) return [{ kind: 'two_owners', session, owner, holders }];
    const why =
      worker === undefined
        ? 'unknown'
        : worker.boot !== named.boot
          ? 'other_boot'
          : served
            ? 'letting_go'
            : 'not_there';
    return [{ kind: 'stale_owner', session, owner, why, holder: holders[0] ?? null }];
  }
  if (strays.length > 0) {
    const own: Holder = { worker: named.id, epoch: served.epoch, state: served.state };
    return [{ kind: 'two_owners', session, owner, holders: [own, ...strays] }];
  }
  return judgeFields(session, entry, named.id, served);
}

/** Both sides name the same owner: do they say the same of the session? */
function judgeFields(session: string, entry: DirectoryEntry, worker: string, served: HeldSession): Difference[] {
  const both = { session, worker, epoch: entry.epoch, report: `${entry.changedAtMs}/${entry.bytes}` };
  const found: Difference[] = [];
  if (entry.tenant !== served.tenant) {
    found.push({ kind: 'wrong_tenant', ...both, directory: entry.tenant, served: served.tenant });
  }
  // Under another epoch its numbers are of another ownership: nothing else can be said.
  if (entry.epoch !== served.epoch) {
    found.push({ kind: 'wrong_epoch', ...both, directory: entry.epoch, served: served.epoch });
  } else if (entry.state !== served.state) {
    found.push({ kind: 'wrong_state', ...both, directory: entry.state, served: served.state });
  } else if (entry.connections !== served.connections) {
    found.push({ kind: 'wrong_count', ...both, directory: entry.connections, served: served.connections });
  }
  return found;
}

function judgeIndexes(
  session: string,
  { owner, tenant, listed }: DirectoryEntry,
  { owned }: DirectorySnapshot,
  workers: ReadonlyMap<string, WorkerSnapshot>,
): Difference[] {
  const found: Difference[] = [];
  if (!listed) found.push({ kind: 'index', session, index: 'tenanted', under: tenant, problem: 'lacks' });
  // What the index has is known for the boot that lives; an entry of another boot is told as stale.
  const members = owner !== null && workers.get(owner.id)?.boot === owner.boot ? owned.get(owner.id) : undefined;
  if (owner !== null && members?.has(session) === false) {
    found.push({ kind: 'index', session, index: 'owned', under: owner.id, problem: 'lacks' });
  }
  return found;
}

function findExtraMembers(
  { owned, strayMembers, entries }: DirectorySnapshot,
  judged: (id: string) => boolean,
): Difference[] {
  const found: Difference[] = [];
  for (const [under, members] of owned) {
    for (const session of members) {
      const entry = entries.get(session);
      if (!judged(session) || entry?.owner?.id === under) continue;
      found.push({ kind: 'index', session, index: 'owned', under, problem: entry ? 'extra' : 'no_entry' });
    }
  }
  for (const { session, tenant: under } of strayMembers) {
    const problem = entries.has(session) ? 'extra' : 'no_entry';
    if (judged(session)) found.push({ kind: 'index', session, index: 'tenanted', under, problem });
  }
  return found;
}

function findOrphans({ reservations, entries }: DirectorySnapshot, judged: (id: string) => boolean): Difference[] {
  const found: Difference[] = [];
  for (const [worker, kept] of reservations) {
    for (const { sessionId: session, untilMs } of kept) {
      if (!judged(session) || entries.get(session)?.owner?.id !== worker) continue;
      found.push({ kind: 'orphan_reservation', session, worker, untilMs });
    }
  }
  return found;
}
