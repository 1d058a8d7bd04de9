import { CulvertError } from '@culvert/base';
import type { Directory } from './directory.ts';
import { membersOf, ownerRef } from './keys.ts';
import { readNodes } from './nodes.ts';
import type { Fields } from './redis/fields.ts';
import { readEntry } from './session-entry.ts';
import { matchesSession, needlesOf } from './session-filter.ts';
import type {
  NodeBoot,
  OwnedPage,
  Reservation,
  SessionFilter,
  SessionPage,
  SessionView,
  TenantedPage,
} from './types.ts';

/** Entries read per script call: Redis serves nobody else meanwhile, so a call stays near a millisecond. */
const ENTRIES_PER_CALL = 250;
/** Calls under way at once, and entries looked at per `listSessions`: a filter that matches nothing must end, too. */
const CALLS_AT_ONCE = 4;
const ENTRIES_PER_LIST = 20_000;
const MAX_LIMIT = 500;
/** Ids per page of `listOwned`. */
const OWNED_PER_CALL = 1_000;
const RESERVATIONS_PER_CALL = 10_000;

/** By tenant and session id, from `cursor` on. The work per call is bounded, so a page may be short. */
export async function listSessions(directory: Directory, filter: SessionFilter): Promise<SessionPage> {
  if (!Number.isInteger(filter.limit) || filter.limit < 1 || filter.limit > MAX_LIMIT) {
    throw new CulvertError('invalid_request', `limit must be from 1 to ${MAX_LIMIT}`);
  }
  const index = await chooseIndex(directory, filter);
  if (index === undefined) return { items: [], next: null };
  const needles = needlesOf(filter);
  // Without needles most of what is read is wanted: no more of it than that.
  const perRound = needles.length === 0 ? Math.max(filter.limit, 100) : ENTRIES_PER_CALL * CALLS_AT_ONCE;
  const items: SessionView[] = [];
  let after = filter.cursor ?? '';
  for (let looked = 0; looked < ENTRIES_PER_LIST; looked += perRound) {
    const members = await page(directory, index, after, perRound);
    const views = await readViews(directory, members.map(sessionOf), needles);
    for (const member of members) {
      const view = views.get(sessionOf(member));
      if (view === undefined || !matchesSession(view, filter)) continue;
      items.push(view);
      if (items.length === filter.limit) return { items, next: member };
    }
    if (members.length < perRound) return { items, next: null };
    after = members.at(-1) ?? after;
  }
  return { items, next: after };
}

/** Ids of the sessions that the directory has under this boot, from `after` on. */
export async function listOwned(directory: Directory, node: NodeBoot, after = ''): Promise<OwnedPage> {
  const members = await page(directory, ownedBy(directory, node), after, OWNED_PER_CALL);
  const next = members.length < OWNED_PER_CALL ? null : (members.at(-1) ?? null);
  return { ids: members.map(sessionOf), next };
}

/** Members of the index by tenant, from `after` on, whether they have an entry or not. */
export async function listTenanted(directory: Directory, after = ''): Promise<TenantedPage> {
  const members = await page(directory, everything(directory), after, OWNED_PER_CALL);
  const items = members.map((member) => ({ tenant: member.slice(0, member.lastIndexOf('/')), id: sessionOf(member) }));
  return { items, next: members.length < OWNED_PER_CALL ? null : (members.at(-1) ?? null) };
}

/** Places that are kept on a worker for sessions to come, `RESERVATIONS_PER_CALL` at most. */
export async function listReservations(
  { connection, keys, clock }: Directory,
  workerId: string,
): Promise<Reservation[]> {
  const from = clock.now() ?? '-inf';
  const flat = await connection.command('a listing', (redis) =>
    redis.zrangebyscore(keys.reserved(workerId), from, '+inf', 'WITHSCORES', 'LIMIT', 0, RESERVATIONS_PER_CALL),
  );
  return flat.flatMap((sessionId, i) => (i % 2 === 0 ? [{ sessionId, untilMs: Number(flat[i + 1]) }] : []));
}

/** A sorted set of `something/session`, and the part of it that is looked at. */
interface Index {
  readonly key: string;
  readonly first: string;
  readonly last: string;
}

/** The narrowest index for the filter; undefined if nothing can match. */
async function chooseIndex(directory: Directory, filter: SessionFilter): Promise<Index | undefined> {
  const { keys } = directory;
  if (filter.node !== undefined) {
    const [node] = await readNodes(directory, filter.node);
    return node && ownedBy(directory, node);
  }
  if (filter.tenant !== undefined) return { key: keys.tenanted, ...membersOf(filter.tenant) };
  return everything(directory);
}

function everything({ keys }: Directory): Index {
  return { key: keys.tenanted, first: '-', last: '+' };
}

function ownedBy({ keys }: Directory, node: NodeBoot): Index {
  return { key: keys.owned, ...membersOf(ownerRef(node)) };
}

/** Members behind the member `after`. A cursor of another index begins where it would be, and shows nothing wrong. */
function page(directory: Directory, { key, first, last }: Index, after: string, count: number): Promise<string[]> {
  // `[` and `(` compare alike once they are off; the first member of all is `-`, which is none.
  const isBefore = first.startsWith('[') && after < first.slice(1);
  const from = after === '' || isBefore ? first : `(${after}`;
  return directory.connection.command('a listing', (redis) => redis.zrangebylex(key, from, last, 'LIMIT', 0, count));
}

function sessionOf(member: string): string {
  return member.slice(member.lastIndexOf('/') + 1);
}

/** Without the ids that have no entry, or none with all the needles in it. */
async function readViews(
  { scripts, keys }: Directory,
  ids: readonly string[],
  needles: readonly string[],
): Promise<Map<string, SessionView>> {
  const calls: Promise<Fields>[] = [];
  for (let i = 0; i < ids.length; i += ENTRIES_PER_CALL) {
    const part = ids.slice(i, i + ENTRIES_PER_CALL);
    calls.push(scripts.run('read', [keys.leases, ...part.map(keys.session)], { ids: part, needles }));
  }
  const found = (await Promise.all(calls)).flatMap((reply) => reply.list('sessions'));
  const views = found.map((one) => readEntry(one.text('id'), one.text('entry'), one.flag('live')));
  return new Map(views.map((view) => [view.id, view]));
}
