import type { NodeView, Registry, RegistryStatus, SessionView } from '@culvert/registry';
import type { ChaosClient } from '@culvert/service';
import { readEdges } from './edge-counts.ts';
import type { StoredRun } from './stored-run.ts';

/** Sessions looked at one by one, at most. */
export const MAX_WATCHED = 500;
const HISTORY_KEPT = 100;

/** How the cluster looks at one moment; undefined: it could not be read. */
export interface Observation {
  readonly nodes: readonly NodeView[] | undefined;
  readonly status: RegistryStatus | undefined;
  /** Of the watched sessions, those that no live worker serves. */
  readonly unowned: readonly string[] | undefined;
  /** Connections without a path. */
  readonly detached: number;
  /** Redis has older settings than this process. */
  readonly settingsBehind: boolean;
}

export interface Observed {
  readonly registry: Registry;
  readonly client: ChaosClient;
}

/** Looks at everything that a run is judged by. Never rejects; what is away shows as undefined. */
export async function observe(stored: StoredRun, { registry, client }: Observed): Promise<Observation> {
  const [nodes, status, unowned] = await Promise.all([
    orAway(registry.listNodes()),
    orAway(registry.status()),
    orAway(unownedOf(registry, stored.watched)),
  ]);
  if (nodes) await readEdges(stored, nodes, client);
  const detached = nodes ? await detachedAt(nodes, client) : 0;
  const restarted = stored.run.steps.some(
    ({ state, fault }) => state === 'recovering' && fault.type === 'restart_redis',
  );
  const settings = restarted ? await orAway(registry.settings.refresh()) : 'current';
  return { nodes, status, unowned, detached, settingsBehind: settings === undefined || settings === 'behind' };
}

/** What is not well, in words; empty: all is well. `killed`: lives that the run itself has ended. */
export function troubles({ nodes, status, unowned, detached }: Observation, killed: readonly string[]): string[] {
  if (!nodes || !status || !unowned) return ['Redis cannot be read'];
  const found = nodes
    .filter(
      ({ id, boot, state }) => !killed.includes(`${id}#${boot}`) && ['dead', 'suspect', 'booting'].includes(state),
    )
    .map(({ id, state }) => `${id} is ${state}`);
  if (status.recovering) found.push('the directory is not whole yet');
  if (unowned.length > 0) found.push(`${unowned.length} sessions have no owner`);
  if (detached > 0) found.push(`${detached} connections have no path`);
  return found;
}

/** Sessions that are there now, for `watched`. */
export async function sessionsNow(registry: Registry): Promise<string[]> {
  const found: SessionView[] = [];
  let cursor: string | undefined;
  do {
    const page = await registry.listSessions({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items.filter(({ state }) => state !== 'offline'));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < MAX_WATCHED);
  return found.slice(0, MAX_WATCHED).map(({ id }) => id);
}

/** Ids of what Redis holds of the settings. */
export function settingsNow({ settings }: Registry): string[] {
  const { tenants, keys } = settings.snapshot;
  return [...tenants.map(({ id }) => `tenant ${id}`), ...keys.map(({ id }) => `key ${id}`)];
}

/** Ids of the last entries of the history. */
export async function historyNow({ events }: Registry): Promise<string[]> {
  const { items } = await events.read({ newestFirst: true, limit: HISTORY_KEPT });
  return items.map(({ id }) => id);
}

/** How many of these, the newest first, the history does not have any more. */
export async function historyLost({ events }: Registry, ids: readonly string[]): Promise<number> {
  const oldest = ids.at(-1);
  if (oldest === undefined) return 0;
  const [ms = '0'] = oldest.split('-');
  const { items } = await events.read({ after: `${Math.max(0, Number(ms) - 1)}`, limit: 500 });
  const kept = new Set(items.map(({ id }) => id));
  return ids.filter((id) => !kept.has(id)).length;
}

async function unownedOf(registry: Registry, ids: readonly string[]): Promise<string[]> {
  const views = await Promise.all(ids.map((id) => registry.getSession(id)));
  return ids.filter((_id, at) => views[at] === undefined || views[at].state === 'offline');
}

async function detachedAt(nodes: readonly NodeView[], client: ChaosClient): Promise<number> {
  const edges = nodes.filter(({ role, state }) => role === 'gateway' && state !== 'dead');
  const counts = await Promise.all(edges.map(({ admin }) => orAway(client.edgeLinks(admin))));
  return counts.reduce((sum, links) => sum + (links?.detached ?? 0), 0);
}

/** What a rehearsal takes away is away; that is what is looked for. */
function orAway<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch(() => undefined);
}
