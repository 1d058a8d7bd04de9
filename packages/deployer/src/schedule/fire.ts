import { createHash } from 'node:crypto';
import { base32, CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { DeploymentRequest } from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import { fillRehearsal, fillRequest, type KnownSchedule, newDeployment, nextTime, runIdOf } from '@culvert/service';

/** Whoever planned something for the night does not want it in the morning, because no deploy worker ran at night. */
const LATE_MS = 5 * 60_000;

export type ScheduleRegistry = Pick<Registry, 'deployments' | 'getNode' | 'redisNow'>;

export interface Firing {
  readonly schedule: KnownSchedule;
  /** When it was to be, ms since the Unix epoch. */
  readonly dueMs: number;
}

/**
 * Begins what a schedule asks for, and writes down what came of it. Carried out again, the same firing makes no second
 * deployment: its id is made from schedule and time. Rejects only with `registry_unavailable`, for another try.
 */
export async function fire(registry: ScheduleRegistry, { schedule, dueMs }: Firing, logger: Logger): Promise<void> {
  const nowMs = registry.redisNow() ?? Date.now();
  const id = firingId(schedule, dueMs);
  let lastDeployment = schedule.run.lastDeployment;
  let lastError: string | null = null;
  try {
    if (nowMs - dueMs > LATE_MS) throw new CulvertError('timeout', 'it was missed: no deploy worker ran at its time');
    const request = await requestOf(registry, schedule);
    const record = newDeployment({ request, createdBy: schedule.createdBy, nowMs, attended: true, id });
    const reply = await registry.deployments.create(record, { queue: false });
    if (reply.outcome === 'busy') throw new CulvertError('deployment_active', `${reply.active} was under way`);
    lastDeployment = id;
    logger.info({ event: 'schedule.fired', schedule: schedule.id, deploy_id: id }, `schedule ${schedule.id}: ${id}`);
  } catch (thrown) {
    const error = toCulvertError(thrown);
    if (error.code === 'registry_unavailable') throw error;
    lastError = `${error.message} (${error.code})`;
    const fields = { event: 'schedule.failed', schedule: schedule.id, code: error.code, err: thrown };
    logger.warn(fields, `schedule ${schedule.id} began nothing: ${error.message}`);
  }
  await registry.deployments.putDocument('schedule', runIdOf(schedule.id), {
    ...{ createdAt: schedule.createdAt, lastDeployment, lastError },
    lastAt: new Date(nowMs).toISOString(),
    nextAt: new Date(nextTime(schedule, Math.max(nowMs, dueMs))).toISOString(),
  });
}

async function requestOf(registry: ScheduleRegistry, schedule: KnownSchedule): Promise<DeploymentRequest> {
  const { rehearsal, deployment } = schedule;
  if (deployment !== null) return fillRequest(deployment);
  if (rehearsal === null) throw new CulvertError('invalid_request', 'it says nothing that could begin');
  if (rehearsal.node === undefined) return fillRehearsal(rehearsal);
  const node = await registry.getNode(rehearsal.node);
  if (node === undefined) throw new CulvertError('node_not_found', `there is no worker ${rehearsal.node} now`);
  return fillRehearsal(rehearsal, node.pool);
}

function firingId({ id, createdAt }: KnownSchedule, dueMs: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([id, createdAt, dueMs]))
    .digest();
  return `d_${base32(digest.subarray(0, 10))}`;
}
