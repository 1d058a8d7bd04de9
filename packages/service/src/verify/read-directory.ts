import { CulvertError } from '@culvert/base';
import { forEachBounded } from './for-each-bounded.ts';
import type { DirectoryEntry, DirectorySnapshot, Reservation } from './snapshot.ts';

const PAGE = 500;
/** Redis's one core has others to serve. */
const LOOKS_AT_ONCE = 8;

interface NodeBoot {
  readonly id: string;
  readonly boot: string;
}

/** A node as the registry lists it. */
export interface ListedNode extends NodeBoot {
  readonly role: string;
  readonly state: string;
  readonly admin: string;
}

/** An entry as the registry reads it; `node` and `boot` are null once the owner's lease is over. */
export interface ListedSession {
  readonly id: string;
  readonly tenant: string;
  readonly state: string;
  readonly node: string | null;
  readonly boot: string | null;
  readonly epoch: number;
  readonly connections: number;
  readonly changedAt: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What the verifier needs of a registry. */
export interface RegistryReader {
  /** `recovering`: Redis lost data, and what is not there may only be missing; workers, too. */
  status(): Promise<{ readonly recovering: boolean }>;
  listNodes(): Promise<readonly ListedNode[]>;
  /** Of all tenants, from the index of tenants' sessions. */
  listSessions(filter: {
    readonly cursor?: string;
    readonly canary: true;
    readonly limit: number;
  }): Promise<{ readonly items: readonly ListedSession[]; readonly next: string | null }>;
  /** Straight from the entry. May reject with `recovering` for one that is not there. */
  getSession(id: string): Promise<ListedSession | undefined>;
  /** What the index has under this boot. */
  listOwned(node: NodeBoot, after?: string): Promise<{ readonly ids: readonly string[]; readonly next: string | null }>;
  /** The members of the index of tenants' sessions, whether they have an entry or not. */
  listTenanted(after?: string): Promise<{
    readonly items: readonly { readonly tenant: string; readonly id: string }[];
    readonly next: string | null;
  }>;
  /** Places kept on this worker that have not run out. */
  listReservations(workerId: string): Promise<readonly Reservation[]>;
}

/** The whole directory. Rejects with `limit_exceeded` when it has more than `maxSessions` entries. */
export async function readDirectory(
  registry: RegistryReader,
  workers: readonly NodeBoot[],
  maxSessions: number,
  signal: AbortSignal,
): Promise<DirectorySnapshot> {
  const entries = new Map<string, DirectoryEntry>();
  const toEntry = entryMaker();
  let cursor: string | null = null;
  do {
    signal.throwIfAborted();
    const page = await registry.listSessions({ limit: PAGE, canary: true, ...(cursor === null ? {} : { cursor }) });
    for (const session of page.items) entries.set(session.id, toEntry(session, true));
    if (entries.size > maxSessions) throw tooMany(maxSessions);
    cursor = page.next;
  } while (cursor !== null);
  const owned = new Map<string, ReadonlySet<string>>();
  const reservations = new Map<string, readonly Reservation[]>();
  await forEachBounded(workers, LOOKS_AT_ONCE, async (worker) => {
    owned.set(worker.id, await readOwned(registry, worker, maxSessions, signal));
    reservations.set(worker.id, await registry.listReservations(worker.id));
  });
  const strayMembers = await readStrayMembers(registry, entries, maxSessions, signal);
  return { entries, owned, strayMembers, reservations };
}

/** These entries only, and no index. `unlisted`: those that the index of tenants' sessions did not have. */
export async function readEntries(
  registry: RegistryReader,
  ids: Iterable<string>,
  unlisted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<DirectorySnapshot> {
  const entries = new Map<string, DirectoryEntry>();
  const toEntry = entryMaker();
  await forEachBounded([...ids], LOOKS_AT_ONCE, async (id) => {
    signal.throwIfAborted();
    const session = await getSession(registry, id);
    if (session) entries.set(id, toEntry(session, !unlisted.has(id)));
  });
  return { entries, owned: new Map(), strayMembers: [], reservations: new Map() };
}

async function readOwned(
  registry: RegistryReader,
  worker: NodeBoot,
  maxSessions: number,
  signal: AbortSignal,
): Promise<Set<string>> {
  const ids = new Set<string>();
  let after: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await registry.listOwned(worker, after);
    for (const id of page.ids) ids.add(id);
    if (ids.size > maxSessions) throw tooMany(maxSessions);
    if (page.next === null) return ids;
    after = page.next;
  }
}

async function readStrayMembers(
  registry: RegistryReader,
  entries: ReadonlyMap<string, DirectoryEntry>,
  maxSessions: number,
  signal: AbortSignal,
): Promise<{ session: string; tenant: string }[]> {
  const strays: { session: string; tenant: string }[] = [];
  let after: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { items, next } = await registry.listTenanted(after);
    for (const { tenant, id } of items) {
      if (entries.get(id)?.tenant !== tenant) strays.push({ session: id, tenant });
    }
    if (strays.length > maxSessions) throw tooMany(maxSessions);
    if (next === null) return strays;
    after = next;
  }
}

/** While Redis is being told again, what is not there is not there yet: for a comparison that is the same. */
async function getSession(registry: RegistryReader, id: string): Promise<ListedSession | undefined> {
  try {
    return await registry.getSession(id);
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'recovering') return undefined;
    throw error;
  }
}

/** 200,000 sessions have few owners, tenants and states: each is kept once. */
function entryMaker(): (session: ListedSession, listed: boolean) => DirectoryEntry {
  const owners = new Map<string, NodeBoot>();
  const texts = new Map<string, string>();
  const shared = <T>(known: Map<string, T>, key: string, made: T): T => {
    if (!known.has(key)) known.set(key, made);
    return known.get(key) ?? made;
  };
  return ({ node, boot, tenant, state, epoch, connections, changedAt, bytesIn, bytesOut }, listed) => ({
    tenant: shared(texts, tenant, tenant),
    owner: node === null || boot === null ? null : shared(owners, `${node}#${boot}`, { id: node, boot }),
    epoch,
    state: shared(texts, state, state),
    connections,
    changedAtMs: changedAt,
    bytes: bytesIn + bytesOut,
    listed,
  });
}

function tooMany(maxSessions: number): CulvertError {
  return new CulvertError('limit_exceeded', `the registry has more than the ${maxSessions} sessions that are compared`);
}
