import { ChangeTenantBody, ChosenId, Tenant } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { toTenant } from '../views.ts';
import { answers, ById } from './answers.ts';
import { tenantIn } from './tenants.ts';

const DESCRIPTION = `What is named is changed, and the rest stays. New sessions go by new limits at once; sessions that are
open stay, even beyond a lower limit. How many connections a session may have it was told when its agent attached: an open
session goes by the new number once its agent attaches again, at the next move at the latest.`;

/** Name and limits. */
export function addTenantChangeRoutes(root: FastifyInstance, { registry: { settings }, logger }: ApiDeps): void {
  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'PATCH',
    url: '/tenants/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['tenants'],
      summary: 'Change a tenant’s name or limits',
      description: DESCRIPTION,
      params: ById(ChosenId),
      body: ChangeTenantBody,
      response: answers({ 200: Tenant }),
    },
    handler: async (request) => {
      const { id } = request.params;
      const before = tenantIn(settings.snapshot, id);
      const after = tenantIn(await settings.changeTenant(id, request.body), id);
      const fields = { event: 'tenant.changed', tenant_id: id, key_id: request.principal?.keyId };
      const { sessions, connectionsPerSession } = after.limits;
      logger.info({ ...fields, before: before.limits, sessions, connectionsPerSession }, 'a tenant has other settings');
      return toTenant(after);
    },
  });
}
