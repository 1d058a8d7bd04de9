import { CulvertError } from '@culvert/base';
import { SloQuery, SloReport, SloSeries, SloSeriesQuery } from '@culvert/contracts';
import { alertRules } from '@culvert/service';
import { OTHER_TENANTS } from '@culvert/telemetry';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import { mayAccess, type Principal } from '../auth.ts';
import type { ApiDeps } from '../deps.ts';
import type { ReportWish, SloReader } from '../slo/slo-reader.ts';
import { SloSeriesReader } from '../slo/slo-series-reader.ts';
import { answers } from './answers.ts';
import { tenantIn } from './tenants.ts';

const tags = ['slo'];
const YAML_TYPE = 'text/yaml';

/** Availability and reliability, and the rules that alert on them. */
export function addSloRoutes(root: FastifyInstance, { registry, now }: ApiDeps, reader: SloReader): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const curves = new SloSeriesReader({ registry, objectives: reader.objectives, now });
  /** @throws CulvertError forbidden, tenant_not_found */
  const tenantOf = (request: FastifyRequest, asked: string | undefined): string | undefined => {
    const tenant = tenantFor(principalOf(request), asked);
    if (tenant !== undefined && tenant !== OTHER_TENANTS) tenantIn(registry.settings.snapshot, tenant);
    return tenant;
  };

  app.route({
    method: 'GET',
    url: '/slo',
    config: { access: 'agent' },
    schema: {
      tags,
      summary: 'Availability and reliability of real and synthetic traffic against the objectives',
      querystring: SloQuery,
      response: answers({ 200: SloReport }),
    },
    handler: (request) => {
      const tenant = tenantOf(request, request.query.tenant);
      return reader.report({ ...timeOf(request.query, now()), ...(tenant === undefined ? {} : { tenant }) });
    },
  });

  app.route({
    method: 'GET',
    url: '/slo/series',
    config: { access: 'agent' },
    schema: {
      tags,
      summary: 'Availability and reliability over the last hour, day or 30 days, step by step',
      querystring: SloSeriesQuery,
      response: answers({ 200: SloSeries }),
    },
    handler: async (request) => {
      const { window = '1h', tenant } = request.query;
      return curves.series(window, tenantOf(request, tenant));
    },
  });

  app.route({
    method: 'GET',
    url: '/slo/rules',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Alert and recording rules for Prometheus, made from the same objectives',
      response: answers({ 200: Type.String({ description: YAML_TYPE }) }),
    },
    handler: async (_request, reply) => reply.type(`${YAML_TYPE}; charset=utf-8`).send(alertRules(reader.objectives)),
  });
}

/** A tenant's key sees its own only, asked for or not. @throws CulvertError forbidden */
function tenantFor(principal: Principal, asked: string | undefined): string | undefined {
  if (asked !== undefined && !mayAccess(principal, asked)) {
    throw new CulvertError('forbidden', 'This key is of another tenant.');
  }
  return asked ?? (principal.role === 'agent' ? (principal.tenant ?? undefined) : undefined);
}

/** @throws CulvertError invalid_request */
function timeOf({ window, from, to }: SloQuery, nowMs: number): ReportWish {
  if (from === undefined) {
    if (to !== undefined) throw new CulvertError('invalid_request', '`to` goes with `from`.');
    return window === undefined ? {} : { window };
  }
  if (window !== undefined) throw new CulvertError('invalid_request', 'Give `window`, or `from` and `to`.');
  return { range: { fromMs: Date.parse(from), toMs: to === undefined ? nowMs : Date.parse(to) } };
}
