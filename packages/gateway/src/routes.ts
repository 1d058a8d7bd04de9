import type { FindRoute } from '@culvert/edge';
import type { Route, RouteCache } from '@culvert/registry';

/** The path of a worker's link server. */
const LINK_PATH = '/link';

/** Routes as the edge wants them. An owner that accepts no links serves nobody: as good as none. */
export function routeFinder(cache: Pick<RouteCache, 'get'>): FindRoute {
  return async (sessionId, options) => {
    const route = await cache.get(sessionId, options);
    return route === undefined ? undefined : toOwner(route);
  };
}

function toOwner({ tenantId, epoch, node }: Route): Awaited<ReturnType<FindRoute>> {
  if (node.link === undefined) return undefined;
  return { tenantId, epoch, node: { id: node.id, boot: node.boot, link: `${node.link}${LINK_PATH}` } };
}
