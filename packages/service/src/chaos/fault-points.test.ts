import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { announceSocket, silentLogger } from '@culvert/base';
import { Health } from '../health.ts';
import { FaultPoints } from './fault-points.ts';

describe('the fault points of a node', () => {
  let server: Server;
  const accepted: Socket[] = [];
  const points = new FaultPoints({ logger: silentLogger });
  before(async () => {
    server = createServer((socket) => void accepted.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    points.close();
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  /** A socket of the node, announced as its maker does, and what echoes there. */
  async function open(use: 'redis' | 'link'): Promise<{ near: Socket; far: Socket }> {
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const arrived = once(server, 'connection') as Promise<[Socket]>;
    const near = connect(address.port, '127.0.0.1').on('error', () => undefined);
    announceSocket(use, near);
    const [far] = await arrived;
    if (near.connecting) await once(near, 'connect');
    return { near, far: far.on('data', (chunk) => far.write(chunk)) };
  }

  async function echo({ near }: { near: Socket }): Promise<number> {
    const began = performance.now();
    near.write('x');
    await once(near, 'data', { signal: AbortSignal.timeout(5_000) });
    return performance.now() - began;
  }

  it('cut what is there and what comes, of one kind only, until the deadline, with nobody to tell them', async () => {
    const [old, link] = [await open('redis'), await open('link')];
    points.begin('chaos_1', { type: 'cut', from: 'redis', durationMs: 400 });
    assert.deepEqual([points.state.active?.run, points.state.active?.type], ['chaos_1', 'cut']);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const fresh = await open('redis');
    assert.ok((await echo(link)) < 250, 'a link is no way to Redis');
    const [before, since] = await Promise.all([echo(old), echo(fresh)]);
    assert.ok(before > 150 && since > 150, `${before} ms, ${since} ms`);
    assert.equal(points.state.active, null);
  });

  it('cut with resets: old and new sockets are broken off', async () => {
    const old = await open('link');
    points.begin('chaos_2', { type: 'cut', from: 'links', reset: true, durationMs: 60_000 });
    await once(old.near, 'close');
    const fresh = await open('link');
    if (!fresh.near.closed) await once(fresh.near, 'close');
    points.end();
    assert.ok((await echo(await open('link'))) < 1_000);
  });

  it('do one thing at a time', () => {
    points.begin('chaos_3', { type: 'slow', what: 'both', byMs: 1, durationMs: 60_000 });
    assert.throws(() => points.begin('chaos_4', { type: 'kill' }), { code: 'chaos_active' });
    points.end('chaos_4');
    assert.equal(points.state.active?.run, 'chaos_3', 'it is of another run');
    points.end('chaos_3');
    assert.equal(points.state.active, null);
  });

  it('freeze and kill after the answer has left', async () => {
    const done: unknown[] = [];
    const ended = Promise.withResolvers<void>();
    const told = new FaultPoints({
      logger: silentLogger,
      freeze: (ms) => void done.push(ms),
      kill: () => {
        done.push('killed');
        ended.resolve();
      },
    });
    told.begin('chaos_5', { type: 'freeze', durationMs: 30_000 });
    assert.deepEqual(done, []);
    while (told.state.active) await new Promise((resolve) => setTimeout(resolve, 5));
    told.begin('chaos_6', { type: 'kill' });
    await ended.promise;
    assert.deepEqual(done, [30_000, 'killed']);
    told.close();
  });

  it('show in the readiness of the node, and only then', () => {
    const health = new Health();
    assert.equal('chaos' in health.readiness, false);
    health.chaosAllowed = true;
    assert.equal(health.readiness.chaos, true);
  });
});
