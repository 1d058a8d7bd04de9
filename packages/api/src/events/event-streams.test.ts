import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Scope, silentLogger } from '@culvert/base';
import { Registry } from '@culvert/registry';
import { startRedis, type TestRedis } from '@culvert/registry/testing';
import { installProblems, ROOT_KEY_ID } from '@culvert/service';
import fastify from 'fastify';
import { Authenticator } from '../auth.ts';
import { EventClient } from '../testing/event-client.ts';
import { EventWriter } from '../testing/event-writer.ts';
import { secret, TestApi } from '../testing/start-api.ts';
import { EventStreams, type StreamLimits } from './event-streams.ts';

interface World extends AsyncDisposable {
  readonly url: string;
  readonly redis: TestRedis;
  readonly writer: EventWriter;
  readonly streams: EventStreams;
  allowed: boolean;
}

/** Event streams with limits of their own; `?tenant=` says whose one is, `?types=` what it tells. */
async function setUp(limits: Partial<StreamLimits>): Promise<World> {
  const scope = new Scope();
  const redis = await startRedis();
  scope.defer('redis', () => redis.stop());
  const registry = scope.own('registry', Registry.connect({ url: redis.url, logger: silentLogger }));
  await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  const writer = await EventWriter.on(redis.url);
  scope.defer('writer', () => writer[Symbol.asyncDispose]());
  const streams = new EventStreams(registry.events, silentLogger, limits);
  const app = fastify();
  installProblems(app, silentLogger);
  app.addHook('preClose', () => streams.close());
  const world = { url: '', redis, writer, streams, allowed: true, [Symbol.asyncDispose]: () => scope.close() };
  app.get<{ Querystring: { tenant?: string; types?: string; after?: string } }>('/', async (request, reply) => {
    const { tenant = null, types, after } = request.query;
    const filter = types === undefined ? {} : { types: [types] };
    await streams.open(reply, { after, filter, tenant, allowed: () => world.allowed });
    return reply;
  });
  scope.own('server', app);
  world.url = await app.listen({ host: '127.0.0.1', port: 0 });
  return world;
}

/** Resolves once so many streams are open. */
async function count(world: World, wanted: number): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (world.streams.size !== wanted) {
    assert.ok(performance.now() < giveUpAt, `${world.streams.size} streams, not ${wanted}`);
    await new Promise(setImmediate);
  }
}

/** A client that takes nothing of its stream. Tried again: a registry that is just reading megabytes may answer 503. */
async function stalledClient({ url, streams }: World): Promise<Socket> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => socket.destroy()); // it is cut off
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /?after=0 HTTP/1.1\r\nhost: x\r\n\r\n');
    const giveUpAt = performance.now() + 2_000;
    while (streams.size === 0 && performance.now() < giveUpAt) await new Promise(setImmediate);
    if (streams.size > 0) return socket;
    socket.destroy();
  }
  return assert.fail('no stream was opened');
}

describe('event streams', { timeout: 60_000 }, () => {
  it('show that they live, and where to come back to when nothing of interest happened', async () => {
    await using world = await setUp({ keepAliveMs: 20 });
    await using client = await EventClient.open(`${world.url}/?types=session.*`, '');
    const first = await client.next();
    assert.equal(first?.id, '0-0');
    assert.equal(await client.comment(), 'keep-alive');
    const id = await world.writer.numbers(5);
    while (client.lastId !== id) assert.equal((await client.next())?.event, undefined);
  });

  it('of a process that is replaced end with the word to come back soon; one opened there is sent on at once', async () => {
    await using world = await setUp({});
    const open = async (): Promise<string> => (await fetch(world.url)).text();
    const running = open();
    await count(world, 1);
    world.streams.retire();
    for (const text of [await running, await open()]) {
      const [head, comment, again] = text.trimEnd().split('\n\n');
      assert.match(head ?? '', /^retry: 2000\nid: /);
      assert.match(comment ?? '', /^: this process is being replaced/);
      const retryMs = Number(/^retry: (\d+)$/.exec(again ?? '')?.[1]);
      assert.ok(retryMs >= 100 && retryMs < 1_000, `comes back in ${retryMs} ms`);
    }
    await count(world, 0);
  });

  it('end when their key is no longer good', async () => {
    await using world = await setUp({ keepAliveMs: 20 });
    await using client = await EventClient.open(world.url, '');
    assert.equal(await client.comment(), 'keep-alive');
    world.allowed = false;
    for (;;) {
      const comment = await client.comment();
      if (comment !== 'keep-alive') {
        assert.match(comment, /key is no longer good/);
        break;
      }
    }
    assert.equal(await client.next(), undefined);
    await count(world, 0);
  });

  it('are so many at most: of all, of tenants, of one tenant', async () => {
    await using world = await setUp({ all: 4, tenants: 3, perTenant: 2 });
    const open = async (tenant?: string) => {
      const client = await EventClient.open(`${world.url}/${tenant ? `?tenant=${tenant}` : ''}`, '');
      if (client.response.status !== 200) assert.equal(client.response.headers.get('retry-after'), '10');
      return client;
    };
    const status = async (tenant?: string) => (await open(tenant)).response.status;
    const first = await open('a');
    assert.deepEqual([first.response.status, await status('a'), await status('a')], [200, 200, 429]);
    assert.deepEqual([await status('b'), await status('c')], [200, 429]);
    assert.deepEqual([await status(), await status()], [200, 429]);
    first.close();
    await count(world, 3);
    assert.equal(await status('a'), 200);
  });

  it('do not wait for a client that takes nothing; it comes back for the rest', async () => {
    await using world = await setUp({ drainMs: 2_000, lingerMs: 100 }); // the second client is on time, slow as the machine may be
    const entries = 1_600;
    const large = 'x'.repeat(10_000); // more in all than the sockets' own buffers take
    const ids: string[] = [];
    for (let n = 1; n <= entries; n += 1) ids.push(await world.writer.add('type', 'test.large', 'large', large));
    const socket = await stalledClient(world);
    await count(world, 0);
    socket.destroy();
    await using client = await EventClient.open(`${world.url}/?after=${ids[9]}`, '');
    const seen: (string | undefined)[] = [];
    while (seen.length < entries - 10) seen.push((await client.event()).id);
    assert.deepEqual(seen, ids.slice(10));
  });

  it('let go of a client that has gone', async () => {
    await using world = await setUp({});
    const clients = await Promise.all([1, 2, 3].map(() => EventClient.open(world.url, '')));
    await count(world, 3);
    for (const client of clients) client.close();
    await count(world, 0);
  });

  it('are refused once the process stops, and cut if a client does not take its end', async () => {
    await using world = await setUp({ lingerMs: 100 });
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await count(world, 1);
    const before = performance.now();
    await world.streams.close();
    assert.ok(performance.now() - before < 1_000);
    assert.equal(world.streams.size, 0);
    const late = await EventClient.open(world.url, '');
    assert.equal(late.response.status, 503);
    socket.destroy();
  });
});

describe('the key of a stream', () => {
  it('is good until it expires, is revoked, or its tenant is deleted', async () => {
    await using api = await TestApi.start();
    const { settings } = api.registry;
    const good = (keyId: string, now = Date.now()) =>
      new Authenticator({ secret, settings, now: () => now }).inForce({ keyId, role: 'agent', tenant: 'acme' });
    await api.ask('POST', '/v1/tenants', { body: { id: 'acme' } });
    const make = async () =>
      (await api.ask<{ id: string }>('POST', '/v1/tenants/acme/keys', { body: { ttlSeconds: 60 } })).body.id;
    const [revoked, kept] = [await make(), await make()];
    assert.deepEqual([good(revoked), good(kept), good(ROOT_KEY_ID), good('none')], [true, true, true, false]);
    assert.equal(good(kept, Date.now() + 61_000), false);
    await api.ask('DELETE', `/v1/tenants/acme/keys/${revoked}`);
    assert.deepEqual([good(revoked), good(kept)], [false, true]);
    await api.ask('DELETE', '/v1/tenants/acme');
    assert.equal(good(kept), false);
  });
});
