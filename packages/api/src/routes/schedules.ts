import { CulvertError, randomId } from '@culvert/base';
import { ChosenId, Schedule, ScheduleBody, ScheduleList } from '@culvert/contracts';
import {
  checkCron,
  fillRequest,
  type KnownSchedule,
  readSchedules,
  runIdOf,
  type StoredSchedule,
} from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../access.ts';
import type { Principal } from '../auth.ts';
import { requireProvider } from '../deployment-access.ts';
import type { ApiDeps } from '../deps.ts';
import { answers, ById, NoContent } from './answers.ts';
import { poolOfRehearsal } from './rehearsals.ts';

const MAX_SCHEDULES = 1_000;
const tags = ['schedules'];
const access = 'operator';

/** Deployments and rehearsals that begin by themselves. */
export function addScheduleRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { deployments } = deps.registry;

  const put = async (id: string, body: ScheduleBody, principal: Principal): Promise<Schedule> => {
    const schedules = await known(deps);
    const before = schedules.find((one) => one.id === id);
    if (before === undefined && schedules.length >= MAX_SCHEDULES) {
      throw new CulvertError('limit_exceeded', `There are ${MAX_SCHEDULES} schedules already.`);
    }
    const asked = await toStored(deps, body, principal);
    const stored = { ...asked, createdAt: before?.createdAt ?? asked.createdAt };
    await deployments.putDocument('schedule', id, stored);
    // When it is next is for the deploy worker to say, who hears of the change in a moment.
    return toSchedule(id, before === undefined ? stored : { ...stored, id, run: { ...before.run, nextAt: null } });
  };

  app.route({
    method: 'GET',
    url: '/schedules',
    config: { access: 'viewer' },
    schema: { tags, summary: 'List schedules', response: answers({ 200: ScheduleList }) },
    handler: async () => ({ items: (await known(deps)).map((one) => toSchedule(one.id, one)), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/schedules',
    config: { access },
    schema: { tags, summary: 'Create a schedule', body: ScheduleBody, response: answers({ 201: Schedule }) },
    handler: async (request, reply) => {
      return reply.code(201).send(await put(randomId('sched'), request.body, principalOf(request)));
    },
  });

  app.route({
    method: 'PUT',
    url: '/schedules/:id',
    config: { access },
    schema: {
      tags,
      summary: 'Create or change a schedule',
      params: ById(ChosenId),
      body: ScheduleBody,
      response: answers({ 200: Schedule }),
    },
    handler: (request) => put(request.params.id, request.body, principalOf(request)),
  });

  app.route({
    method: 'GET',
    url: '/schedules/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Show a schedule', params: ById(ChosenId), response: answers({ 200: Schedule }) },
    handler: async ({ params: { id } }) => {
      const one = (await known(deps)).find((candidate) => candidate.id === id);
      if (one === undefined) throw absent(id);
      return toSchedule(id, one);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/schedules/:id',
    config: { access },
    schema: { tags, summary: 'Delete a schedule', params: ById(ChosenId), response: answers({ 204: NoContent }) },
    handler: async ({ params: { id } }, reply) => {
      const was = await deployments.deleteDocument('schedule', id);
      await deployments.deleteDocument('schedule', runIdOf(id));
      if (!was) throw absent(id);
      return reply.code(204).send(null);
    },
  });
}

async function known({ registry }: ApiDeps): Promise<KnownSchedule[]> {
  return readSchedules(await registry.deployments.documents('schedule'));
}

/** Whatever would be refused when the time comes is refused now. */
async function toStored(deps: ApiDeps, body: ScheduleBody, principal: Principal): Promise<StoredSchedule> {
  const { cron, timezone = 'UTC', rehearsal = null, deployment = null } = body;
  checkCron({ cron, timezone });
  if ((rehearsal === null) === (deployment === null)) {
    throw new CulvertError('invalid_request', 'Either rehearsal or deployment says what is to begin.');
  }
  if (rehearsal !== null) await poolOfRehearsal(deps.registry, rehearsal);
  if (deployment !== null) {
    requireProvider(principal, deployment);
    if (fillRequest(deployment).dryRun) {
      throw new CulvertError('invalid_request', 'dryRun: nobody would read its answer.');
    }
  }
  const createdAt = new Date(deps.now()).toISOString();
  return { cron, timezone, rehearsal, deployment, createdAt, createdBy: principal.keyId };
}

function toSchedule(id: string, stored: StoredSchedule | KnownSchedule): Schedule {
  const { cron, timezone, rehearsal, deployment, createdAt } = stored;
  const none = { nextAt: null, lastAt: null, lastDeployment: null, lastError: null };
  const { nextAt, lastAt, lastDeployment, lastError } = 'run' in stored ? stored.run : none;
  return { id, cron, timezone, rehearsal, deployment, createdAt, nextAt, lastAt, lastDeployment, lastError };
}

function absent(id: string): CulvertError {
  return new CulvertError('not_found', `There is no schedule ${id}.`);
}
