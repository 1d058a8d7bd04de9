import { CulvertError } from '@culvert/base';
import type { Directory } from './directory.ts';
import type { Owner } from './node-table.ts';
import { Fields } from './redis/fields.ts';
import { readEntry } from './session-entry.ts';
import type { Route, SessionView } from './types.ts';

/** One session, and what its owner says of itself. */
interface Found {
  readonly view: SessionView | undefined;
  /** The owner's record, JSON; undefined if no live owner has one. */
  readonly owner: string | undefined;
  /** Not there, or not served, and the registry may only be missing it. */
  readonly recovering: boolean;
}

/**
 * Rejects with `recovering` for an absent session while a registry that lost data is being told again; with `settled`, also
 * for one whose owner is gone: another one may be about to tell that it has it.
 */
export async function getSession(
  directory: Directory,
  id: string,
  { settled = false } = {},
): Promise<SessionView | undefined> {
  const { view, recovering } = await lookUp(directory, id);
  if (recovering && (view === undefined || (settled && view.node === null))) throw stillRecovering();
  return view;
}

/**
 * As `getSession`; undefined if nobody owns the session now. One GET where the table of nodes says that the owner lives;
 * else, and to `verify` what turned out to be wrong, the script that looks at entry and lease in one step.
 */
export async function readRoute(directory: Directory, id: string, { verify = false } = {}): Promise<Route | undefined> {
  const quick = verify ? undefined : await quickRoute(directory, id);
  if (quick !== undefined) return quick;
  const { view, owner, recovering } = await lookUp(directory, id);
  if (view !== undefined && view.node !== null) return toRoute(view, addresses(owner, view.boot));
  if (recovering) throw stillRecovering();
  return undefined;
}

async function quickRoute(directory: Directory, id: string): Promise<Route | undefined> {
  const { connection, keys, table } = directory;
  const text = await connection.command('a look-up', (redis) => redis.get(keys.session(id)));
  if (text === null) return undefined;
  const view = readEntry(id, text, true);
  const { node, boot } = view;
  const owner = node === null || boot === null ? undefined : await table.owner({ id: node, boot });
  return owner && toRoute(view, owner);
}

function toRoute(view: SessionView, owner: Owner): Route | undefined {
  const { id, tenant, name, epoch, state, node, boot } = view;
  if (state === 'offline' || node === null || boot === null) return undefined;
  return { sessionId: id, tenantId: tenant, name, epoch, state, node: { id: node, boot, ...owner } };
}

async function lookUp({ scripts, keys }: Directory, id: string): Promise<Found> {
  const reply = await scripts.runPairs('lookup', [keys.session(id), keys.leases, keys.nodes, keys.meta]);
  const text = reply.textOr('entry', undefined);
  const live = reply.text('live') === '1';
  return {
    view: text === undefined ? undefined : readEntry(id, text, live),
    owner: reply.textOr('owner', undefined),
    recovering: reply.textOr('recovering', '0') === '1',
  };
}

/** A node's record that is of another boot says nothing of this owner. */
function addresses(owner: string | undefined, boot: string | null): Owner {
  const node = owner === undefined || owner === '' ? undefined : Fields.parse(owner, 'node');
  if (node === undefined || node.text('boot') !== boot) return { link: undefined, proxy: undefined };
  return { link: node.textOr('link', undefined), proxy: node.textOr('proxy', undefined) };
}

function stillRecovering(): CulvertError {
  return new CulvertError('recovering', undefined, { retryAfterSeconds: 2 });
}
