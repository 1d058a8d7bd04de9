import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Scope, silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { Registry } from '../registry.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import type { EventFollower } from './follower.ts';

const KEY = '{culvert}:events';

/** A Redis, a client that writes the history, and a registry that reads it. */
async function setUp(): Promise<World> {
  const scope = new Scope();
  const redis = await startRedis();
  scope.defer('redis', () => redis.stop());
  const registry = scope.own(
    'registry',
    Registry.connect({ url: redis.url, logger: silentLogger, commandTimeoutMs: 500 }),
  );
  await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  return new World(scope, redis, registry);
}

class World implements AsyncDisposable {
  readonly registry: Registry;
  readonly redis: TestRedis;
  readonly scope: Scope;
  admin: Redis;
  #written = 0;

  constructor(scope: Scope, redis: TestRedis, registry: Registry) {
    this.scope = scope;
    this.redis = redis;
    this.registry = registry;
    this.admin = this.client();
  }

  client(): Redis {
    const client = new Redis(this.redis.url, { retryStrategy: null });
    client.on('error', () => undefined); // the server is killed under it
    this.scope.defer('client', () => client.disconnect());
    return client;
  }

  /** Writes `count` entries that are numbered on, and resolves with the last one's id. */
  async write(count: number, id = '*'): Promise<string> {
    const pipeline = this.admin.pipeline();
    for (let i = 0; i < count; i += 1) {
      this.#written += 1;
      pipeline.xadd(KEY, id, 'type', 'test.number', 'n', String(this.#written));
    }
    const replies = (await pipeline.exec()) ?? [];
    return String(replies.at(-1)?.[1]);
  }

  /** Redis ends and comes back without its data. */
  async restartEmpty(): Promise<void> {
    await this.redis.stop();
    const again = await startRedis({ port: this.redis.port });
    this.scope.defer('redis again', () => again.stop());
    this.admin = this.client();
  }

  async blockedClients(): Promise<number> {
    return Number(/blocked_clients:(\d+)/.exec(await this.admin.info('clients'))?.[1]);
  }

  /** Resolves once so many connections wait for new entries. */
  async blocked(count: number): Promise<void> {
    const giveUpAt = performance.now() + 5_000;
    while ((await this.blockedClients()) !== count) {
      assert.ok(performance.now() < giveUpAt, `not ${count} connections wait for entries`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scope.close();
  }
}

/** Reads until it has met the entry number `last`; entries as their numbers, anything else in words. */
async function until(follower: EventFollower, last: number | string): Promise<(number | string)[]> {
  const met: (number | string)[] = [];
  for (;;) {
    const followed = await follower.next();
    if (!followed) return [...met, 'end'];
    if (followed.kind === 'entries') met.push(...followed.entries.map(({ fields }) => Number(fields.n)));
    else met.push(followed.kind === 'gap' ? `gap ${followed.after} ${followed.oldest}` : followed.kind);
    if (met.includes(last)) return met;
  }
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('following the history', { timeout: 60_000 }, () => {
  it('begins with what comes, on one connection for all, which ends with the last of them', async () => {
    await using world = await setUp();
    await world.write(3);
    const followers = await Promise.all(range(1, 20).map(() => world.registry.events.follow()));
    await world.blocked(1);
    await world.write(2);
    for (const follower of followers) assert.deepEqual(await until(follower, 5), [4, 5]);
    for (const follower of followers.slice(1)) follower.close();
    await world.write(1);
    const [kept] = followers;
    assert.ok(kept);
    assert.deepEqual(await until(kept, 6), [6]);
    kept.close();
    assert.equal(await kept.next(), undefined);
    await world.blocked(0);
  });

  it('goes on after any entry, without loss or repetition, while others are written', async () => {
    await using world = await setUp();
    const { events } = world.registry;
    const early = await events.follow();
    const place = await world.write(700);
    const writing = (async () => {
      for (let i = 0; i < 40; i += 1) await world.write(50);
    })();
    const late = await Promise.all(range(1, 5).map(() => events.follow(place)));
    const fromStart = await events.follow('0');
    await writing;
    assert.deepEqual(await until(early, 2_700), range(1, 2_700));
    assert.deepEqual(await until(fromStart, 2_700), range(1, 2_700));
    for (const follower of late) assert.deepEqual(await until(follower, 2_700), range(701, 2_700));
  });

  it('of a follower that was slower than the ring goes on all the same', async () => {
    await using world = await setUp();
    const quick = await world.registry.events.follow();
    const slow = await world.registry.events.follow();
    await world.blocked(1);
    await world.write(1);
    assert.deepEqual(await until(slow, 1), [1]);
    await world.write(6_000);
    assert.deepEqual(await until(quick, 6_001), range(1, 6_001));
    assert.deepEqual(await until(slow, 6_001), range(2, 6_001));
  });

  it('says what was trimmed meanwhile', async () => {
    await using world = await setUp();
    const first = await world.write(1);
    await world.write(10);
    await world.admin.xtrim(KEY, 'MAXLEN', 4);
    const { oldest } = await world.registry.events.edges();
    const follower = await world.registry.events.follow(first);
    assert.deepEqual(await until(follower, 11), [`gap ${first} ${oldest}`, 8, 9, 10, 11]);
    await world.write(1);
    assert.deepEqual(await until(follower, 12), [12]);
  });

  it('says what was trimmed before the process could read it', async () => {
    await using world = await setUp();
    const follower = await world.registry.events.follow(await world.write(1));
    await world.blocked(1);
    const meeting = until(follower, 2_001);
    await new Promise(setImmediate); // it goes along with the tail now
    const flood = world.admin.multi();
    for (let n = 2; n <= 2_001; n += 1) flood.xadd(KEY, '*', 'type', 'test.number', 'n', String(n));
    flood.xtrim(KEY, 'MAXLEN', 600);
    await flood.exec();
    const met = await meeting;
    const gap = met.findIndex((one) => String(one).startsWith('gap '));
    assert.ok(gap >= 0, JSON.stringify(met.slice(0, 5)));
    assert.deepEqual(met.slice(gap + 1), range(1_402, 2_001));
  });

  it('waits out an outage, and goes on where it was', async () => {
    await using world = await setUp();
    const follower = await world.registry.events.follow(await world.write(1));
    await world.blocked(1);
    const next = follower.next();
    await new Promise(setImmediate); // it goes along with the tail now
    world.redis.freeze();
    assert.deepEqual(await next, { kind: 'away' });
    world.redis.thaw();
    await world.write(2);
    assert.deepEqual(await until(follower, 3), ['back', 2, 3]);
  });

  it('over a Redis that came back empty says so, and goes on with what is new', async () => {
    await using world = await setUp();
    const last = await world.write(5);
    const follower = await world.registry.events.follow(last);
    const met = until(follower, 6);
    await world.blocked(1);
    await world.restartEmpty();
    await world.blocked(1);
    await world.write(1);
    assert.deepEqual(await met, ['away', 'back', `gap ${last} null`, 6]);
  });

  it('over a Redis that came back with lower ids misses nothing of what is there', async () => {
    await using world = await setUp();
    const future = '9000000000000-0';
    await world.write(1, future);
    const follower = await world.registry.events.follow(future);
    await world.blocked(1);
    const meeting = until(follower, 3);
    await world.admin.del(KEY);
    await world.write(2);
    const met = await meeting;
    assert.match(String(met[0]), /^gap 9000000000000-0 (\d+-0|null)$/);
    assert.deepEqual(met.slice(1), [2, 3]);
    // One that comes back later, with an id that is not there any more.
    const back = await world.registry.events.follow(future);
    assert.deepEqual((await until(back, 3)).slice(1), [2, 3]);
  });

  it('over a failover that lost the end repeats nothing', async () => {
    await using world = await setUp();
    await world.write(1, '9000000000000-1');
    await world.write(1, '9000000000000-2');
    const follower = await world.registry.events.follow('0');
    assert.deepEqual(await until(follower, 2), [1, 2]);
    await world.blocked(1);
    await world.write(1, '9000000000000-3');
    await world.write(1, '9000000000000-4');
    assert.deepEqual(await until(follower, 4), [3, 4]);
    // What Redis has now ends with the third.
    await world.admin
      .multi()
      .del(KEY)
      .xadd(KEY, '9000000000000-1', 'type', 'test.number', 'n', '1')
      .xadd(KEY, '9000000000000-3', 'type', 'test.number', 'n', '3')
      .exec();
    assert.deepEqual(await follower.next(), {
      kind: 'gap',
      after: '9000000000000-4',
      oldest: '9000000000000-1',
    });
    await world.write(1, '9000000000000-4');
    assert.deepEqual(await until(follower, 5), [5]);
  });

  it('cannot begin while Redis is away, and ends with the registry', async () => {
    await using world = await setUp();
    const follower = await world.registry.events.follow();
    await world.blocked(1);
    world.redis.freeze();
    await assert.rejects(world.registry.events.follow(), { code: 'registry_unavailable' });
    world.redis.thaw();
    await world.registry.waitUntilAvailable(AbortSignal.timeout(5_000));
    const ended = until(follower, 'end');
    await world.registry.close();
    assert.equal((await ended).at(-1), 'end');
    await world.blocked(0);
    await assert.rejects(world.registry.events.follow(), { code: 'shutting_down' });
  });
});
