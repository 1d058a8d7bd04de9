import { CulvertError } from '@culvert/base';
import { ChosenId, MaintenanceWindow, MaintenanceWindowList, WindowBody } from '@culvert/contracts';
import { checkCron, type StoredWindow, windowAt } from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { answers, ById, NoContent } from './answers.ts';

const MAX_WINDOWS = 1_000;
const tags = ['schedules'];
const access = 'operator';

/** When deployments with `inWindow` may touch nodes. */
export function addWindowRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { deployments } = deps.registry;

  app.route({
    method: 'GET',
    url: '/windows',
    config: { access: 'viewer' },
    schema: { tags, summary: 'List maintenance windows', response: answers({ 200: MaintenanceWindowList }) },
    handler: async () => {
      const entries = [...(await deployments.documents('window'))].sort(([one], [other]) => (one < other ? -1 : 1));
      return { items: entries.map(([id, stored]) => toWindow(id, stored as StoredWindow, deps.now())), next: null };
    },
  });

  app.route({
    method: 'PUT',
    url: '/windows/:id',
    config: { access },
    schema: {
      tags,
      summary: 'Create or change a maintenance window',
      params: ById(ChosenId),
      body: WindowBody,
      response: answers({ 200: MaintenanceWindow }),
    },
    handler: async ({ params: { id }, body: { cron, timezone = 'UTC', forMs, pool = null } }) => {
      checkCron({ cron, timezone });
      const known = await deployments.documents('window');
      if (!known.has(id) && known.size >= MAX_WINDOWS) {
        throw new CulvertError('limit_exceeded', `There are ${MAX_WINDOWS} windows already.`);
      }
      const stored: StoredWindow = { cron, timezone, forMs, pool };
      await deployments.putDocument('window', id, stored);
      return toWindow(id, stored, deps.now());
    },
  });

  app.route({
    method: 'GET',
    url: '/windows/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show a window', params: ById(ChosenId), response: answers({ 200: MaintenanceWindow }) },
    handler: async ({ params: { id } }) => {
      const stored = (await deployments.documents('window')).get(id);
      if (stored === undefined) throw absent(id);
      return toWindow(id, stored as StoredWindow, deps.now()); // as PUT wrote it
    },
  });

  app.route({
    method: 'DELETE',
    url: '/windows/:id',
    config: { access },
    schema: { tags, summary: 'Delete a window', params: ById(ChosenId), response: answers({ 204: NoContent }) },
    handler: async ({ params: { id } }, reply) => {
      if (!(await deployments.deleteDocument('window', id))) throw absent(id);
      return reply.code(204).send(null);
    },
  });
}

function toWindow(id: string, stored: StoredWindow, nowMs: number): MaintenanceWindow {
  const { open, opensAtMs, closesAtMs } = windowAt(stored, nowMs);
  const { cron, timezone, forMs, pool } = stored;
  return { id, cron, timezone, forMs, pool, open, opensAt: iso(opensAtMs), closesAt: iso(closesAtMs) };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function absent(id: string): CulvertError {
  return new CulvertError('not_found', `There is no maintenance window ${id}.`);
}
