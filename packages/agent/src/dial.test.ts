import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket, type TcpNetConnectOpts } from 'node:net';
import { after, before, test } from 'node:test';
import { CulvertError } from '@culvert/base';
import { type Address, parseAddress } from './address.ts';
import { dial, interleaveFamilies } from './dial.ts';

const addresses = (...texts: string[]): Address[] =>
  texts.map((text) => {
    const address = parseAddress(text);
    assert(address, text);
    return address;
  });
const never = new AbortController().signal;

let server: Server;
let port: number;
before(async () => {
  server = createServer((socket) => socket.on('error', () => socket.destroy())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port; // a TCP listener has no other kind of address
});
after(() => server.close());

/** Attempts that do what the test says, when it says so. */
class Attempts {
  readonly sockets = new Map<string, Socket>();
  readonly order: string[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly connect = (options: TcpNetConnectOpts): Socket => {
    const socket = new Socket();
    this.sockets.set(String(options.host), socket);
    this.order.push(String(options.host));
    for (const wake of this.#waiting.splice(0)) wake();
    return socket;
  };

  async at(host: string): Promise<Socket> {
    for (;;) {
      const socket = this.sockets.get(host);
      if (socket) return socket;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async fail(host: string, code: string): Promise<void> {
    (await this.at(host)).destroy(Object.assign(new Error(code), { code }));
  }
}

test('connects, half-open, without Nagle', async () => {
  const socket = await dial({ addresses: addresses('127.0.0.1'), port, signal: never });
  assert.equal(socket.remotePort, port);
  assert.equal(socket.allowHalfOpen, true);
  socket.destroy();
});

test('families take turns, the first of the resolver first, duplicates once', () => {
  const mixed = interleaveFamilies(addresses('::1', '::2', '::3', '10.0.0.1', '10.0.0.2', '10.0.0.1', '::2'));
  assert.deepEqual(
    mixed.map(({ text }) => text),
    ['::1', '10.0.0.1', '::2', '10.0.0.2', '::3'],
  );
});

test('a failure starts the next attempt at once; the failures are told in words', async () => {
  const attempts = new Attempts();
  const dialing = dial({
    addresses: addresses('::1', '10.0.0.1'),
    port: 81,
    signal: never,
    attemptDelayMs: 1_000_000,
    connect: attempts.connect,
  });
  await attempts.fail('::1', 'ECONNREFUSED');
  await attempts.fail('10.0.0.1', 'EHOSTUNREACH');
  await assert.rejects(dialing, {
    code: 'target_unreachable',
    message:
      '[::1]:81 refused the connection (ECONNREFUSED); 10.0.0.1:81 cannot be reached: no route to the host (EHOSTUNREACH)',
  });
});

test('a silent address holds up the next for the attempt delay only; the winner stays, the loser goes', async () => {
  const attempts = new Attempts();
  const dialing = dial({
    addresses: addresses('10.0.0.1', '10.0.0.2', '10.0.0.3'),
    port: 80,
    signal: never,
    attemptDelayMs: 5,
    connect: attempts.connect,
  });
  const second = await attempts.at('10.0.0.2');
  second.emit('connect');
  assert.equal(await dialing, second);
  assert.equal(second.destroyed, false);
  assert.equal(attempts.sockets.get('10.0.0.1')?.destroyed, true);
  // An error that comes before the new owner listens must not end the process.
  second.destroy(new Error('too early'));
  await new Promise((resolve) => second.once('close', resolve));
  assert(attempts.order.length <= 3);
});

test('the first that was started may still win', async () => {
  const attempts = new Attempts();
  const dialing = dial({
    addresses: addresses('::1', '10.0.0.1'),
    port: 80,
    signal: never,
    attemptDelayMs: 1,
    connect: attempts.connect,
  });
  await attempts.at('10.0.0.1');
  await attempts.fail('10.0.0.1', 'ECONNREFUSED');
  const first = await attempts.at('::1');
  first.emit('connect');
  assert.equal(await dialing, first);
  first.destroy();
});

test('only silence is a timeout; no descriptors left is a limit', async () => {
  for (const [codes, expected] of [
    [['ETIMEDOUT', 'ETIMEDOUT'], 'target_timeout'],
    [['ETIMEDOUT', 'ECONNREFUSED'], 'target_unreachable'],
    [['EMFILE', 'ECONNREFUSED'], 'limit_exceeded'],
  ] as const) {
    const attempts = new Attempts();
    const dialing = dial({
      addresses: addresses('10.0.0.1', '10.0.0.2'),
      port: 80,
      signal: never,
      connect: attempts.connect,
    });
    await attempts.fail('10.0.0.1', codes[0]);
    await attempts.fail('10.0.0.2', codes[1]);
    await assert.rejects(dialing, { code: expected });
  }
});

test('an aborted dial rejects with the reason and destroys every attempt', async () => {
  const attempts = new Attempts();
  const controller = new AbortController();
  const dialing = dial({
    addresses: addresses('::1', '10.0.0.1'),
    port: 80,
    signal: controller.signal,
    attemptDelayMs: 1,
    connect: attempts.connect,
  });
  await attempts.at('10.0.0.1');
  const reason = new CulvertError('cancelled', 'the edge gave up');
  controller.abort(reason);
  await assert.rejects(dialing, reason);
  for (const socket of attempts.sockets.values()) assert.equal(socket.destroyed, true);
  await assert.rejects(
    dial({ addresses: addresses('::1'), port: 80, signal: controller.signal, connect: attempts.connect }),
    reason,
  );
});

test('a long answer of the resolver is not dialed to its end', async () => {
  const attempts = new Attempts();
  const many = addresses(...Array.from({ length: 40 }, (_, i) => `10.0.0.${i + 1}`));
  const dialing = dial({ addresses: many, port: 80, signal: never, connect: attempts.connect });
  for (let i = 1; i <= 16; i += 1) await attempts.fail(`10.0.0.${i}`, 'ECONNREFUSED');
  await assert.rejects(dialing, /and 13 more/);
  assert.equal(attempts.order.length, 16);
});
