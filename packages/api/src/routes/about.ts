import { CulvertError } from '@culvert/base';
import { About } from '@culvert/contracts';
import type { NodeView, Registry } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { healthIn } from '../live/health.ts';
import { statusOf } from '../registry-status.ts';
import { iso } from '../views.ts';
import { answers } from './answers.ts';

const NO_LINKS = { logs: null, traces: null, dashboards: null };

/** What runs here, and how it is. */
export function addAboutRoute(root: FastifyInstance, deps: ApiDeps): void {
  const { registry, version, publicUrl, node = '', links = NO_LINKS } = deps;

  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/about',
    config: { access: 'viewer' },
    schema: { tags: ['nodes'], summary: 'Versions and processes, side by side', response: answers({ 200: About }) },
    handler: async () => {
      const [status, nodes] = await Promise.all([statusOf(registry), nodesOf(registry)]);
      const runtime = `Node.js ${process.version}`;
      const processes = processesOf(nodes);
      const versions = versionsOf(nodes);
      return { version, node, runtime, publicUrl: publicUrl(), registry: status, processes, versions, links };
    },
  });
}

/** With Redis away there is nothing to list, and the registry's part of the answer says why. */
async function nodesOf(registry: Registry): Promise<NodeView[]> {
  try {
    return await registry.listNodes();
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'registry_unavailable') return [];
    throw error;
  }
}

function processesOf(nodes: readonly NodeView[]): About['processes'] {
  const healthOf = healthIn(nodes);
  return nodes.map((node) => {
    const { id, role, version, pool, state, host, pid, admin, startedAt } = node;
    const since = startedAt === undefined ? null : iso(startedAt);
    return { id, role, version, pool, state, host, pid, admin, startedAt: since, health: healthOf(node) };
  });
}

/** What is dead runs nothing. The commonest version first. */
function versionsOf(nodes: readonly NodeView[]): About['versions'] {
  const alive = nodes.filter(({ state }) => state !== 'dead');
  return [...Map.groupBy(alive, ({ version }) => version)]
    .map(([version, some]) => ({ version, processes: some.length }))
    .toSorted((one, other) => other.processes - one.processes || (one.version < other.version ? -1 : 1));
}
