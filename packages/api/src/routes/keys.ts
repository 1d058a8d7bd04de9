import { CulvertError } from '@culvert/base';
import { ApiKeyList, ChosenId, CreatedKey, CreateKeyBody, MadeId } from '@culvert/contracts';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { newApiKey } from '../api-keys.ts';
import type { ApiDeps } from '../deps.ts';
import { toApiKey } from '../views.ts';
import { answers, ById, NoContent } from './answers.ts';
import { tenantIn } from './tenants.ts';

const tags = ['keys'];

export function addKeyRoutes(root: FastifyInstance, { registry: { settings }, now }: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();

  app.route({
    method: 'GET',
    url: '/tenants/:id/keys',
    config: { access: 'viewer' },
    schema: { tags, summary: "List a tenant's keys", params: ById(ChosenId), response: answers({ 200: ApiKeyList }) },
    handler: (request) => {
      const { id } = tenantIn(settings.snapshot, request.params.id);
      return { items: settings.snapshot.keys.filter((key) => key.tenant === id).map(toApiKey), next: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/tenants/:id/keys',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Make a key; its secret is in this answer only',
      params: ById(ChosenId),
      body: Type.Union([CreateKeyBody, Type.Null()]),
      response: answers({ 201: CreatedKey }),
    },
    handler: async (request, reply) => {
      const body = request.body ?? {};
      const { role = 'agent', label = '' } = body;
      const made = newApiKey();
      const key = {
        ...{ id: made.id, tenant: request.params.id, role, hash: made.hash, label },
        ...{ createdAt: now(), expiresAt: expiry(body, now()), revokedAt: null },
      };
      await settings.putKey(key);
      return reply.code(201).send({ ...toApiKey(key), key: made.text });
    },
  });

  app.route({
    method: 'DELETE',
    url: '/tenants/:id/keys/:keyId',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Revoke a key; the sessions that it opened end',
      params: Type.Object({ id: ChosenId, keyId: MadeId }),
      response: answers({ 204: NoContent }),
    },
    handler: async (request, reply) => {
      const { id, keyId } = request.params;
      tenantIn(settings.snapshot, id);
      const key = settings.snapshot.keys.find((candidate) => candidate.id === keyId);
      if (key?.tenant !== id) throw new CulvertError('key_not_found');
      await settings.revokeKey(keyId, now());
      return reply.code(204).send(null);
    },
  });
}

function expiry(body: CreateKeyBody, now: number): number | null {
  const { expiresAt, ttlSeconds } = body;
  if (expiresAt !== undefined && ttlSeconds !== undefined) {
    throw new CulvertError('invalid_request', 'Give expiresAt or ttlSeconds, not both.');
  }
  if (ttlSeconds !== undefined) return now + ttlSeconds * 1_000;
  return expiresAt === undefined ? null : Date.parse(expiresAt);
}
