import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { after, describe, it } from 'node:test';
import { Budget } from '@culvert/mux';
import { Recorder, StreamPair } from '@culvert/mux/testing';
import { splice } from './splice.ts';
import { SplicedPath } from './testing/spliced.ts';
import { noSocketsLeft, readAll, tcpPair } from './testing/tcp.ts';

const WINDOW = { minBytes: 16_384, initialBytes: 65_536, maxBytes: 262_144 };

/** SHA-256 of what a socket brings until it ends. */
async function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(socket, hash);
  return hash.digest('hex');
}

/** Writes `bytes` in uneven pieces and ends, as slowly as the other side reads. */
async function send(socket: Socket, bytes: Buffer): Promise<void> {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 13) % 90_000) {
    if (!socket.write(bytes.subarray(at, at + size))) await once(socket, 'drain');
  }
  socket.end();
}

describe('sockets spliced to streams', { timeout: 20_000 }, () => {
  after(noSocketsLeft);

  it('megabytes both ways at once arrive byte by byte as they were sent, and everything closes', async () => {
    await using path = await SplicedPath.start({ window: WINDOW });
    const { client, target } = await path.open();
    const up = randomBytes(4_000_003);
    const down = randomBytes(5_000_011);
    const hashes = Promise.all([hashOf(target), hashOf(client)]);
    await Promise.all([send(client, up), send(target, down)]);
    assert.deepEqual(
      await hashes,
      [up, down].map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    );
    await path.allClosed();
  });

  it('a head that was read before goes first, also when it is larger than the window', async () => {
    for (const size of [5, 65_536, 200_000]) {
      await using path = await SplicedPath.start({ window: WINDOW });
      const head = randomBytes(size);
      const { client, target } = await path.open({ head });
      client.end('tail');
      assert.deepEqual(await readAll(target), Buffer.concat([head, Buffer.from('tail')]));
    }
  });

  for (const first of ['client', 'target'] as const) {
    it(`half-close: the ${first} ends, and is still answered`, async () => {
      await using path = await SplicedPath.start({ window: WINDOW });
      const ends = await path.open();
      const [one, other] = first === 'client' ? [ends.client, ends.target] : [ends.target, ends.client];
      one.end('question');
      assert.equal((await readAll(other)).toString(), 'question');
      const answer = randomBytes(1_000_000);
      const [got] = await Promise.all([readAll(one), send(other, answer)]);
      assert.ok(got.equals(answer));
      await path.allClosed();
    });
  }

  for (const by of ['client', 'target'] as const) {
    it(`the ${by} resets mid-body: the other side is reset as well`, async () => {
      await using path = await SplicedPath.start({ window: WINDOW });
      const ends = await path.open();
      const [one, other] = by === 'client' ? [ends.client, ends.target] : [ends.target, ends.client];
      other.resume();
      one.write('the beginning of');
      await once(other, 'data');
      const broken = new Promise<Error & { code?: string }>((resolve) => other.once('error', resolve));
      one.resetAndDestroy();
      assert.equal((await broken).code, 'ECONNRESET');
      await path.allClosed();
    });
  }

  it('why a socket broke is told to the other end: target_reset from an agent, aborted from an edge', async () => {
    for (const [by, code] of [
      ['client', 'aborted'],
      ['target', 'target_reset'],
    ] as const) {
      await using path = await SplicedPath.start({ window: WINDOW });
      const ends = await path.open();
      const stream = by === 'client' ? ends.agent : ends.edge;
      // In the place of the splice at the other end; its socket is of no interest.
      const told = new Promise((resolve) => {
        stream.attach({
          data: () => undefined,
          end: () => undefined,
          writable: () => undefined,
          reset: resolve,
        });
      });
      ends[by].resetAndDestroy();
      assert.equal(await told, code);
    }
  });

  it('a slow reader holds the sender back: no more than a window waits, and nothing is lost', async () => {
    const budget = new Budget(10_000_000);
    await using path = await SplicedPath.start({ window: WINDOW, budget });
    const { client, target, agent, edge } = await path.open();
    const bytes = randomBytes(12_000_000);
    const sent = send(client, bytes);
    let most = 0;
    // Until the sender stands still: its socket, the windows and the kernel's buffers are full.
    for (let still = 0, before = -1; still < 200; still = edge.bytesSent === before ? still + 1 : 0) {
      before = edge.bytesSent;
      most = Math.max(most, agent.unconsumed);
      await new Promise(setImmediate);
    }
    assert.ok(most > 0 && most <= WINDOW.maxBytes, `${most} bytes waited`);
    assert.ok(edge.bytesSent < bytes.length);
    const [got] = await Promise.all([readAll(target), sent]);
    assert.ok(got.equals(bytes));
    target.end();
    await readAll(client);
    await path.allClosed();
    assert.equal(budget.reserved, 0);
  });

  it('the last bytes before a normal close are never lost', async () => {
    await using path = await SplicedPath.start({ window: WINDOW });
    const rounds = Array.from({ length: 40 }, async (_, i) => {
      const { client, target } = await path.open();
      const answer = randomBytes(1 + i * 5_000);
      // As a server does that answers and closes, while the client has not ended yet.
      target.end(answer);
      const got = await readAll(client);
      client.end();
      await readAll(target);
      assert.ok(got.equals(answer), `${got.length} of ${answer.length} bytes`);
    });
    await Promise.all(rounds);
    await path.allClosed();
  });

  it('a socket that closed in both directions leaves its last bytes to the stream', async () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const seen = new Recorder(edge);
    const { near, far } = await tcpPair();
    splice(agent, near);
    edge.end();
    pair.deliver();
    await readAll(far);
    const closed = once(near, 'close');
    far.end(Buffer.alloc(600, 'x'));
    await closed;
    // Nothing has left for the other end yet.
    assert.equal(seen.bytes.length, 0);
    pair.deliver();
    assert.deepEqual([seen.bytes.length, seen.events], [600, ['end', 'closed']]);
    pair.assertClean();
  });

  it('a client that has gone before the splice: the target is let go', async () => {
    await using path = await SplicedPath.start({ window: WINDOW });
    const { client, target } = await path.open();
    client.destroy();
    target.resume();
    await once(target, 'end');
    target.end();
    await path.allClosed();
  });

  it('the link is lost: both sockets are reset, nothing hangs', async () => {
    await using path = await SplicedPath.start({ window: WINDOW });
    const { client, target } = await path.open();
    const broken = [client, target].map(
      (socket) => new Promise<Error & { code?: string }>((resolve) => socket.resume().once('error', resolve)),
    );
    path.breakLink();
    assert.deepEqual(
      (await Promise.all(broken)).map(({ code }) => code),
      ['ECONNRESET', 'ECONNRESET'],
    );
    await path.allClosed();
  });
});
