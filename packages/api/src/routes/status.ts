import { CulvertError } from '@culvert/base';
import { ChosenId, type Objectives, StatusReport } from '@culvert/contracts';
import { statusToken } from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { PAGE_HEADERS } from '../pages.ts';
import { statusPage } from '../status/page.ts';
import { StatusSource } from '../status/status-source.ts';
import { STATUS_STYLE } from '../status/style.ts';
import { TenantTokens } from '../status/tenant-tokens.ts';
import { answers, ById } from './answers.ts';
import { tenantIn } from './tenants.ts';

/** The page is as fresh as what it is made of; a cache in front of it may keep it as long. */
const CACHED = 'public, max-age=10';
const HTML = 'text/html; charset=utf-8';

/** What customers see: public, read-only, remembered, so that it costs nothing however many look. */
export function addStatusRoutes(root: FastifyInstance, deps: ApiDeps, objectives: Objectives): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const source = new StatusSource(deps, objectives);
  const tokens = new TenantTokens(deps.secret, deps.registry.settings);
  const tag = { tags: ['slo'], security: [] };

  app.route({
    method: 'GET',
    url: '/status.css',
    schema: { hide: true },
    handler: (_request, reply) => reply.headers(PAGE_HEADERS).type('text/css; charset=utf-8').send(STATUS_STYLE),
  });

  app.route({
    method: 'GET',
    url: '/status',
    schema: { hide: true },
    handler: async (_request, reply) => {
      return page(reply, statusPage(await source.status(), { json: '/status.json', own: false }), CACHED);
    },
  });

  app.route({
    method: 'GET',
    url: '/status.json',
    schema: {
      ...tag,
      summary: 'The status page, for programs; needs no key',
      response: answers({ 200: StatusReport }),
    },
    handler: async (_request, reply) => {
      reply.header('cache-control', CACHED).header('access-control-allow-origin', '*');
      return source.status();
    },
  });

  app.route<{ Params: { token: string } }>({
    method: 'GET',
    url: '/status/:token',
    schema: { hide: true },
    handler: async (request, reply) => {
      const [, token = '', json] = /^([0-9a-z]{1,64})(\.json)?$/.exec(request.params.token) ?? [];
      const tenant = tokens.tenantOf(token);
      if (tenant === undefined) throw new CulvertError('not_found', 'There is no such status page.');
      const report = await source.status(tenant);
      if (json !== undefined) return reply.header('cache-control', 'no-store').send(report);
      return page(reply, statusPage(report, { json: `/status/${token}.json`, own: true }), 'no-store');
    },
  });
}

/** Where a tenant's own page is. */
export function addTenantStatusRoute(root: FastifyInstance, deps: ApiDeps): void {
  root.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/tenants/:id/status-page',
    config: { access: 'admin' },
    schema: {
      tags: ['tenants'],
      summary: 'The address of its own status page; who has it may read the page',
      params: ById(ChosenId),
      response: answers({ 200: Type.Object({ url: Type.String() }) }),
    },
    handler: (request) => {
      const { id } = tenantIn(deps.registry.settings.snapshot, request.params.id);
      return { url: `${deps.publicUrl()}/status/${statusToken(deps.secret, id)}` };
    },
  });
}

function page(reply: FastifyReply, html: string, cached: string): FastifyReply {
  return reply
    .headers({ ...PAGE_HEADERS, 'cache-control': cached })
    .type(HTML)
    .send(html);
}
