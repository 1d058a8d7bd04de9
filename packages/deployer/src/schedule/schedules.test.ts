import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogFields, type Logger, silentLogger } from '@culvert/base';
import { Registry } from '@culvert/registry';
import { startRedis } from '@culvert/registry/testing';
import { fillRequest, newDeployment, readSchedules, runIdOf, type StoredSchedule } from '@culvert/service';
import { DocumentKeeper } from './document-keeper.ts';
import { fire } from './fire.ts';
import { Schedules } from './schedules.ts';

const CREATED = '2026-01-01T00:00:00.000Z';
const night: StoredSchedule = {
  ...{ cron: '0 2 * * *', timezone: 'Europe/Berlin', createdAt: CREATED, createdBy: 'k_1' },
  ...{ rehearsal: {}, deployment: null },
};

async function open() {
  const redis = await startRedis();
  const registry = Registry.connect({ url: redis.url, logger: silentLogger });
  await registry.waitUntilAvailable();
  const known = async (id: string) =>
    readSchedules(await registry.deployments.documents('schedule')).find((one) => one.id === id);
  return {
    ...{ redis, registry, known },
    async [Symbol.asyncDispose]() {
      await registry.close();
      await redis.stop();
    },
  };
}

describe('a firing', () => {
  it('begins the deployment once, however often it is carried out', async () => {
    await using world = await open();
    const { registry, known } = world;
    await registry.deployments.putDocument('schedule', 'night', night);
    const nowMs = registry.redisNow() ?? Date.now();
    const schedule = await known('night');
    assert.ok(schedule);
    for (let time = 0; time < 2; time += 1) await fire(registry, { schedule, dueMs: nowMs }, silentLogger);
    const { items } = await registry.deployments.list({ limit: 10 });
    const [made] = items;
    assert.deepEqual([items.length, made?.state], [1, 'pending']);
    const { core } = made as unknown as { core: { createdBy: string; request: { kind: string } } };
    assert.deepEqual([core.createdBy, core.request.kind], ['k_1', 'rehearsal']);
    const run = (await known('night'))?.run;
    assert.deepEqual([run?.lastDeployment, run?.lastError], [made?.id, null]);
    assert.ok(run?.nextAt && Date.parse(run.nextAt) > nowMs);
  });

  it('writes down why it began nothing, and keeps what it began last', async () => {
    await using world = await open();
    const { registry, known } = world;
    const nowMs = registry.redisNow() ?? Date.now();
    const request = fillRequest({ version: '2' });
    const other = newDeployment({ request, createdBy: 'k', nowMs, attended: true, id: 'd_other' });
    await registry.deployments.create(other, { queue: false });
    const cases: [StoredSchedule, number, RegExp][] = [
      [night, nowMs, /^d_other was under way \(deployment_active\)$/],
      [night, nowMs - 3_600_000, /^it was missed: .*\(timeout\)$/],
      [{ ...night, rehearsal: { node: 'w-9' } }, nowMs, /^there is no worker w-9 now/],
    ];
    for (const [stored, dueMs, error] of cases) {
      await registry.deployments.putDocument('schedule', 'night', stored);
      const run = { createdAt: CREATED, nextAt: null, lastAt: null, lastDeployment: 'd_last', lastError: null };
      await registry.deployments.putDocument('schedule', runIdOf('night'), run);
      const schedule = await known('night');
      assert.ok(schedule);
      await fire(registry, { schedule, dueMs }, silentLogger);
      const after = (await known('night'))?.run;
      assert.match(after?.lastError ?? '', error);
      assert.equal(after?.lastDeployment, 'd_last');
    }
    assert.equal((await registry.deployments.list({ limit: 10 })).items.length, 1);
  });

  it('is tried again, and writes nothing down, when Redis is away', async () => {
    await using world = await open();
    const { registry, known, redis } = world;
    await registry.deployments.putDocument('schedule', 'night', night);
    const schedule = await known('night');
    assert.ok(schedule);
    await redis.stop();
    const firing = fire(registry, { schedule, dueMs: Date.now() }, silentLogger);
    await assert.rejects(firing, { code: 'registry_unavailable' });
  });
});

describe('schedules', () => {
  it('fire at their time, once for two deploy workers, and no more when they are deleted', async () => {
    await using world = await open();
    const { redis, registry, known } = world;
    const fired = Promise.withResolvers<void>();
    const events: string[] = [];
    const hear = (fields: LogFields): void => {
      events.push(String(fields.event));
      if (fields.event === 'schedule.fired') fired.resolve();
    };
    const logger: Logger = { ...silentLogger, info: hear, warn: hear, child: () => logger };
    // Each second, which the API would not take: nobody wants to wait for a minute.
    await registry.deployments.putDocument('schedule', 'often', { ...night, cron: '* * * * * *', timezone: 'UTC' });
    await registry.deployments.putDocument('schedule', 'night', night);
    const keeper = new DocumentKeeper({ registry, dir: null, logger });
    const options = { redis: redis.url, prefix: 'culvert', registry, keeper, logger };
    const both = [new Schedules(options), new Schedules(options)];
    const running = both.map((one) => one.run());
    await fired.promise;
    const { items } = await registry.deployments.list({ limit: 10 });
    assert.equal(items.length, 1);
    const next = (await known('night'))?.run.nextAt;
    assert.match(next ?? '', /T0[01]:00:00\.000Z$/); // 2 o'clock in Berlin
    await registry.deployments.deleteDocument('schedule', 'often');
    await Promise.all(both.map((one) => one.close()));
    await Promise.all(running);
    // Whoever comes next sees that it is gone.
    const later = new Schedules(options);
    const keeping = later.run();
    assert.deepEqual(await remaining(redis.url, ['night']), ['night']);
    await later.close();
    await keeping;
  });
});

/** Ids of the job schedulers, once they are these or two seconds have passed. */
async function remaining(url: string, expected: readonly string[]): Promise<string[]> {
  const { Queue } = await import('bullmq');
  const queue = new Queue('deploy-schedules', { connection: { url }, prefix: '{culvert}:bull' });
  try {
    const until = Date.now() + 2_000;
    for (;;) {
      const keys = (await queue.getJobSchedulers(0, -1)).map(({ key }) => key);
      if (keys.join() === expected.join() || Date.now() > until) return keys;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await queue.close();
  }
}
