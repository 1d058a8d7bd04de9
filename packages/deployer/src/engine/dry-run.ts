import type { NodeView, SessionState, SessionView } from '@culvert/registry';
import type { Observation } from '../core/types.ts';
import type { EngineRegistry } from './world.ts';

/** As many are listed. */
const LISTED = 100;
const PAGE = 500;
/** Of one worker; a forecast need not have seen every session to name the busiest. */
const MAX_PAGES = 4;

/** The sessions that these workers have, the busiest first, 100 at most. Rejects like the registry. */
export async function sessionsOn(
  registry: Pick<EngineRegistry, 'listSessions'>,
  workers: readonly NodeView[],
): Promise<NonNullable<Observation['sessions']>> {
  const found: SessionView[] = [];
  for (const state of ['busy', 'idle'] satisfies SessionState[]) {
    for (const { id } of workers) {
      if (state === 'busy' || found.length < LISTED) found.push(...(await pagesOf(registry, id, state)));
    }
  }
  return found
    .toSorted((one, other) => other.connections - one.connections)
    .slice(0, LISTED)
    .map(({ id, tenant, name, node, connections }) => ({ id, tenant, name, node: node ?? '', connections }));
}

async function pagesOf(
  registry: Pick<EngineRegistry, 'listSessions'>,
  node: string,
  state: SessionState,
): Promise<SessionView[]> {
  const found: SessionView[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const at = cursor === undefined ? {} : { cursor };
    const { items, next } = await registry.listSessions({ node, state, limit: PAGE, ...at });
    found.push(...items);
    if (next === null) break;
    cursor = next;
  }
  return found;
}
