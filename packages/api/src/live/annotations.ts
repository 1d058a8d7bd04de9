import type { Annotation, Deployment } from '@culvert/contracts';
import { type Registry, SERIES_WINDOWS, type SeriesWindow } from '@culvert/registry';
import { viewOf } from '../deployment-access.ts';

/** Records that are read at a time, and how often at most: more deployments than that in a day are too many to draw. */
const PAGE = 20;
const MAX_PAGES = 5;

/** These have moved nothing. */
const NEVER_RAN: ReadonlySet<Deployment['state']> = new Set(['pending', 'preflight', 'rejected']);

/**
 * Deployments that ran in the window that ends now, the newest first, 100 at most. Rejects with `registry_unavailable`.
 * `nowMs`: ms since the Unix epoch.
 */
export async function annotationsIn(
  { deployments }: { readonly deployments: Pick<Registry['deployments'], 'list'> },
  window: SeriesWindow,
  nowMs: number,
): Promise<Annotation[]> {
  const { stepMs, slots } = SERIES_WINDOWS[window];
  const sinceMs = nowMs - stepMs * slots;
  const found: Annotation[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next } = await deployments.list(cursor === null ? { limit: PAGE } : { limit: PAGE, cursor });
    const shown = items.map((record) => viewOf(record).deployment);
    const recent = shown.filter((deployment) => endOf(deployment) >= sinceMs);
    found.push(...recent.filter(({ state }) => !NEVER_RAN.has(state)).map(toAnnotation));
    // Listed by when they were made; they run one after the other, so behind a page of old ones are older ones only.
    if (next === null || recent.length === 0) break;
    cursor = next;
  }
  return found;
}

/** ms since the Unix epoch; Infinity: it is under way. */
function endOf({ finishedAt }: Deployment): number {
  return finishedAt === null ? Number.POSITIVE_INFINITY : Date.parse(finishedAt);
}

function toAnnotation({ id, kind, state, version, role, pool, createdAt, finishedAt }: Deployment): Annotation {
  const where = role === 'worker' ? `pool ${pool}` : `role ${role}`;
  const text = kind === 'rehearsal' ? `rehearsal, ${where}` : `${version} to ${where}`;
  return { deployment: id, from: createdAt, to: finishedAt, text, state };
}
