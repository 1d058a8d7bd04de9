import { CulvertError } from '@culvert/base';
import type { Directory } from './directory.ts';
import { membersOf, ownerRef } from './keys.ts';
import { readNodes } from './nodes.ts';
import { Fields } from './redis/fields.ts';
import type { Route, SessionFilter, SessionPage, SessionState, SessionView } from './types.ts';

/** Entries read per script call, and looked at per `listSessions`: a filter that matches nothing must end, too. */
const ENTRIES_PER_CALL = 100;
const ENTRIES_PER_LIST = 1_000;
const MAX_LIMIT = 500;

/** One entry with what is known of its owner at this moment. */
interface Entry {
  readonly view: SessionView;
  readonly link: string | undefined;
  readonly proxy: string | undefined;
}

/** Rejects with `registry_unavailable` for an absent session while a registry that lost its data is being rebuilt. */
export async function getSession(directory: Directory, id: string): Promise<SessionView | undefined> {
  const [entry] = await readEntries(directory, [id]);
  if (!entry) assertKnown(directory);
  return entry?.view;
}

/** As `getSession`; undefined if nobody owns the session now. */
export async function readRoute(directory: Directory, id: string): Promise<Route | undefined> {
  const [entry] = await readEntries(directory, [id]);
  const view = entry?.view;
  if (!entry || !view || view.state === 'offline' || view.node === null || view.boot === null) {
    assertKnown(directory);
    return undefined;
  }
  return {
    sessionId: view.id,
    tenantId: view.tenant,
    name: view.name,
    epoch: view.epoch,
    state: view.state,
    node: { id: view.node, boot: view.boot, link: entry.link, proxy: entry.proxy },
  };
}

function assertKnown(directory: Directory): void {
  if (!directory.generation.rebuilding) return;
  throw new CulvertError(
    'registry_unavailable',
    'Redis lost its data; the workers are telling it again what they hold',
    {
      retryAfterSeconds: 2,
    },
  );
}

/** In the order of the session ids, from `cursor` on. The work per call is bounded, so a page may be short. */
export async function listSessions(directory: Directory, filter: SessionFilter): Promise<SessionPage> {
  if (!Number.isInteger(filter.limit) || filter.limit < 1 || filter.limit > MAX_LIMIT) {
    throw new CulvertError('invalid_request', `limit must be from 1 to ${MAX_LIMIT}`);
  }
  const index = await chooseIndex(directory, filter);
  const items: SessionView[] = [];
  let after = filter.cursor ?? '';
  let looked = 0;
  while (index && looked < ENTRIES_PER_LIST) {
    const ids = await pageOfIds(directory, index, after);
    for (const { view } of await readEntries(directory, ids)) {
      if (!matches(view, filter)) continue;
      items.push(view);
      if (items.length === filter.limit) return { items, next: view.id };
    }
    if (ids.length < ENTRIES_PER_CALL) return { items, next: null };
    looked += ids.length;
    after = ids.at(-1) ?? after;
  }
  return { items, next: index ? after : null };
}

interface Index {
  readonly key: string;
  /** What members start with: `tenant/`, `node#boot/`, or nothing. */
  readonly prefix: string;
  readonly last: string;
}

/** The narrowest index for the filter; undefined if nothing can match. */
async function chooseIndex(directory: Directory, filter: SessionFilter): Promise<Index | undefined> {
  const { keys } = directory;
  if (filter.node !== undefined) {
    const [node] = await readNodes(directory, filter.node);
    if (!node) return undefined;
    const owner = ownerRef(node);
    return { key: keys.owned, prefix: `${owner}/`, last: membersOf(owner).last };
  }
  if (filter.tenant !== undefined) {
    return { key: keys.tenanted, prefix: `${filter.tenant}/`, last: membersOf(filter.tenant).last };
  }
  return { key: keys.sessions, prefix: '', last: '+' };
}

async function pageOfIds(directory: Directory, index: Index, after: string): Promise<string[]> {
  const first = after === '' && index.prefix === '' ? '-' : `(${index.prefix}${after}`;
  const members = await directory.connection.command('a listing', (redis) =>
    redis.zrangebylex(index.key, first, index.last, 'LIMIT', 0, ENTRIES_PER_CALL),
  );
  return members.map((member) => member.slice(index.prefix.length));
}

/** Without the ids that have no entry. */
async function readEntries(directory: Directory, ids: readonly string[]): Promise<Entry[]> {
  if (ids.length === 0) return [];
  const { connection, keys, generation } = directory;
  const reply = await connection.run('read', [keys.nodes, keys.leases, keys.meta, ...ids.map(keys.session)]);
  generation.saw(reply.textOr('generation', undefined));
  return reply.list('sessions').map(toEntry);
}

function toEntry(entry: Fields): Entry {
  const live = entry.flag('live');
  const state: SessionState = live ? entry.oneOf('state', ['idle', 'busy', 'offline']) : 'offline';
  const view: SessionView = {
    id: entry.text('id'),
    name: entry.textOr('name', null),
    tenant: entry.text('tenant'),
    state,
    node: live ? entry.text('node') : null,
    boot: live ? entry.text('boot') : null,
    pool: entry.text('pool'),
    epoch: entry.integer('epoch'),
    connections: live ? entry.integer('connections') : 0,
    bytesIn: entry.integer('bytesIn'),
    bytesOut: entry.integer('bytesOut'),
    connectedAt: entry.integer('connectedAt'),
    changedAt: entry.integer('changedAt'),
    labels: Fields.parse(entry.text('labels'), 'labels').strings(),
    agentId: entry.text('agent'),
    keyId: entry.text('key'),
  };
  return { view, link: entry.textOr('link', undefined), proxy: entry.textOr('proxy', undefined) };
}

function matches(view: SessionView, filter: SessionFilter): boolean {
  if (filter.state !== undefined && view.state !== filter.state) return false;
  if (filter.tenant !== undefined && view.tenant !== filter.tenant) return false;
  if (filter.q === undefined || filter.q === '') return true;
  const q = filter.q.toLowerCase();
  return [view.id, view.name ?? '', ...Object.values(view.labels)].some((text) => text.toLowerCase().includes(q));
}
