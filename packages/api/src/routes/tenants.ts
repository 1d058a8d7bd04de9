import { CulvertError } from '@culvert/base';
import {
  CANARY_TENANT,
  ChosenId,
  CreateTenantBody,
  type ListedTenant,
  PinBody,
  Tenant,
  TenantList,
} from '@culvert/contracts';
import type { Registry, SettingsSnapshot, Tenant as TenantRecord } from '@culvert/registry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { toTenant } from '../views.ts';
import { answers, ById, NoContent } from './answers.ts';

const DEFAULT_LIMITS: TenantRecord['limits'] = { sessions: 1_000, connectionsPerSession: 1_000 };
const UNPINNED = { pool: null, spill: [] };
const tags = ['tenants'];

export function addTenantRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { settings } = deps.registry;
  addPinning(root, deps);

  app.route({
    method: 'GET',
    url: '/tenants',
    config: { access: 'viewer' },
    schema: { tags, summary: 'List tenants', response: answers({ 200: TenantList }) },
    handler: async () => ({ items: await listTenants(deps), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/tenants',
    config: { access: 'admin' },
    schema: { tags, summary: 'Create a tenant', body: CreateTenantBody, response: answers({ 201: Tenant }) },
    handler: async (request, reply) => {
      const { id, name = id, limits } = request.body;
      const tenant = { id, name, createdAt: deps.now(), ...UNPINNED, limits: { ...DEFAULT_LIMITS, ...limits } };
      assertNotReserved(id);
      await settings.createTenant(tenant);
      return reply.code(201).send(toTenant(tenant));
    },
  });

  app.route({
    method: 'GET',
    url: '/tenants/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show a tenant', params: ById(ChosenId), response: answers({ 200: Tenant }) },
    handler: (request) => toTenant(tenantIn(settings.snapshot, request.params.id)),
  });

  app.route({
    method: 'DELETE',
    url: '/tenants/:id',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Delete a tenant and its keys',
      params: ById(ChosenId),
      response: answers({ 204: NoContent }),
    },
    handler: async (request, reply) => {
      assertNotReserved(request.params.id);
      await settings.deleteTenant(request.params.id);
      return reply.code(204).send(null);
    },
  });
}

async function listTenants({ registry, now }: ApiDeps): Promise<ListedTenant[]> {
  const { tenants, keys } = registry.settings.snapshot;
  const counts = await countsOf(
    registry,
    tenants.map(({ id }) => id),
  );
  const inForce = Map.groupBy(
    keys.filter(({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt ?? Number.POSITIVE_INFINITY) > now()),
    ({ tenant }) => tenant,
  );
  return tenants.map((tenant) => ({
    ...toTenant(tenant),
    sessions: counts?.get(tenant.id) ?? null,
    keys: inForce.get(tenant.id)?.length ?? 0,
  }));
}

/** The settings are known also while Redis is away; then nobody knows how many sessions there are: undefined. */
async function countsOf(registry: Registry, tenants: readonly string[]) {
  try {
    return await registry.countSessions(tenants);
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'registry_unavailable') return undefined;
    throw error;
  }
}

function addPinning(root: FastifyInstance, { registry: { settings } }: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();

  app.route({
    method: 'PUT',
    url: '/tenants/:id/pin',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Serve it in one pool only, or also in others when that is full',
      params: ById(ChosenId),
      body: PinBody,
      response: answers({ 200: Tenant }),
    },
    handler: async (request) => {
      const { id } = request.params;
      const { pool } = request.body;
      return toTenant(tenantIn(await settings.pinTenant(id, pool, spillOf(request.body)), id));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/tenants/:id/pin',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Serve it in the default pool again',
      params: ById(ChosenId),
      response: answers({ 204: NoContent }),
    },
    handler: async (request, reply) => {
      await settings.pinTenant(request.params.id, null);
      return reply.code(204).send(null);
    },
  });
}

/** @throws CulvertError invalid_request */
function spillOf({ pool, whenFull, spill = [] }: PinBody): readonly string[] {
  if (whenFull === 'spill' && spill.length === 0) {
    throw new CulvertError('invalid_request', 'spill: name the pools to which its sessions go when its own is full.');
  }
  if (whenFull === 'wait' && spill.length > 0) {
    throw new CulvertError('invalid_request', 'spill: a tenant that waits for room goes to no other pool.');
  }
  if (new Set([pool, ...spill]).size <= spill.length) {
    throw new CulvertError('invalid_request', 'spill: each pool is named once, and its own is not among them.');
  }
  return spill;
}

/** @throws CulvertError invalid_request */
function assertNotReserved(id: string): void {
  if (id === CANARY_TENANT) throw new CulvertError('invalid_request', `The tenant ${id} is the deploy worker's own.`);
}

export function tenantIn(snapshot: SettingsSnapshot, id: string): TenantRecord {
  const tenant = snapshot.tenants.find((candidate) => candidate.id === id);
  if (tenant) return tenant;
  throw new CulvertError('tenant_not_found');
}
