import { ChosenId, TenantUsage } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { Remembered } from '../slo/remembered.ts';
import { readUsage } from '../tenant-usage.ts';
import { answers, ById } from './answers.ts';
import { tenantIn } from './tenants.ts';

/** Ten people who look at the same tenant cost as much as one. */
const FRESH_MS = 2_000;
const REMEMBERED = 200;

/** What a tenant uses of what it may. */
export function addTenantUsageRoutes(root: FastifyInstance, { registry, now }: ApiDeps): void {
  const remembered = new Remembered<TenantUsage>({ forMs: FRESH_MS, max: REMEMBERED, now });

  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/tenants/:id/usage',
    config: { access: 'viewer' },
    schema: {
      tags: ['tenants'],
      summary: 'Show what a tenant uses now, and used in the last hour',
      params: ById(ChosenId),
      response: answers({ 200: TenantUsage }),
    },
    handler: (request) => {
      const { id } = tenantIn(registry.settings.snapshot, request.params.id);
      return remembered.get(id, () => readUsage(registry, id, now()));
    },
  });
}
