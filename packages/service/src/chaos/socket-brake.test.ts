import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketBrake } from './socket-brake.ts';

const scope = new AsyncDisposableStack();
after(() => scope.disposeAsync());

/** Two ends of one TCP connection, each flowing from the beginning. */
async function pair(): Promise<{ near: Socket; far: Socket; heard: (end: Socket) => string }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const near = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(near, 'connect');
  const [far] = await accepted;
  server.close();
  const texts = new Map<Socket, string>([near, far].map((end) => [end, '']));
  for (const end of [near, far]) {
    end.on('data', (chunk) => texts.set(end, `${texts.get(end)}${chunk}`));
    end.on('error', () => undefined);
    scope.defer(() => void end.destroy());
  }
  return { near, far, heard: (end) => texts.get(end) ?? '' };
}

/** One turn over the loopback: what would arrive has arrived. */
const SETTLE_MS = 60;

describe('a socket that is held', () => {
  it('lets nothing pass and says nothing, and afterwards everything, in order', async () => {
    const { near, far, heard } = await pair();
    const brake = new SocketBrake(near, 'held');
    let said = '';
    for (const name of ['end', 'close', 'error']) {
      near.on(name, () => (said += `near ${name} `));
      far.on(name, () => (said += `far ${name} `));
    }
    for (let i = 0; i < 50; i += 1) {
      near.write(`n${i};`);
      far.write(`f${i};`);
    }
    far.end();
    await sleep(SETTLE_MS);
    assert.deepEqual([heard(near), heard(far), said], ['', '', '']);
    brake.release();
    near.write('last;');
    near.end();
    await Promise.all([once(near, 'close'), once(far, 'close')]);
    const all = (letter: string): string => Array.from({ length: 50 }, (_, i) => `${letter}${i};`).join('');
    assert.equal(heard(near), all('f'));
    assert.equal(heard(far), `${all('n')}last;`);
  });

  it('given up here, it is still silent there until it is released', async () => {
    const { near, far } = await pair();
    const brake = new SocketBrake(near, 'held');
    let ended = false;
    far.once('end', () => (ended = true));
    near.destroy();
    await once(near, 'close');
    await sleep(SETTLE_MS);
    assert.equal(ended, false);
    brake.release();
    await once(far, 'end');
  });

  it('makes its writers wait at a bound, and its readers’ peer, too', async () => {
    const { near, far } = await pair();
    const brake = new SocketBrake(near, 'held');
    const piece = Buffer.alloc(65_536, 'x');
    let written = 0;
    for (let i = 0; i < 64; i += 1) near.write(piece, () => (written += 1));
    for (let i = 0; i < 512; i += 1) far.write(piece);
    await sleep(SETTLE_MS);
    assert.ok(written < 32, `${written} of 64 writes were taken`);
    assert.ok(far.writableLength > 0, 'the kernel alone does not hold 32 MiB');
    let arrived = 0;
    near.on('data', (chunk) => (arrived += chunk.length));
    brake.release();
    const ends = [once(near, 'end'), once(far, 'end')];
    far.end();
    near.end();
    await Promise.all(ends);
    assert.deepEqual([written, arrived], [64, 512 * piece.length]);
  });

  it('is an ordinary socket again afterwards', async () => {
    const { near } = await pair();
    new SocketBrake(near, 'held').release();
    for (const name of ['push', '_write', '_writev', '_final', '_destroy']) assert.ok(!Object.hasOwn(near, name), name);
  });
});

describe('a socket that is slow', () => {
  it('delays each way, keeps the order, and lets what is under way overtake nothing', async () => {
    const { near, far, heard } = await pair();
    const delays = [90, 10, 50];
    const delayMs = (): number => delays.shift() ?? 10;
    const brake = new SocketBrake(near, { delayMs, bytesPerSecond: Number.POSITIVE_INFINITY });
    const began = performance.now();
    far.write('a');
    await once(near, 'data');
    assert.ok(performance.now() - began >= 85, `${performance.now() - began} ms`);
    near.write('1');
    near.write('2');
    near.write('3');
    near.end();
    await once(far, 'end');
    assert.equal(heard(far), '123');
    brake.release();
  });

  it('carries no more than its bandwidth', async () => {
    const { near, far } = await pair();
    const brake = new SocketBrake(near, { delayMs: () => 0, bytesPerSecond: 1_000_000 });
    const began = performance.now();
    near.end(Buffer.alloc(200_000));
    await once(far, 'end');
    assert.ok(performance.now() - began >= 190, `${performance.now() - began} ms`);
    brake.release();
  });
});
