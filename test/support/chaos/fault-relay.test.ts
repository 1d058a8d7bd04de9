import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import { startTcpTarget, type Target } from '../targets/target.ts';
import { FaultRelay } from './fault-relay.ts';

const NEVER_MS = 150;

describe('the fault relay', { timeout: 20_000 }, () => {
  it('passes bytes and both ends on', async () => {
    await using setup = await Setup.open();
    const socket = await setup.dial();
    socket.end('hello');
    assert.equal(await textOf(socket), 'hello');
    assert.equal(setup.relay.size, 0);
  });

  it('passes a reset on', async () => {
    await using setup = await Setup.open((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const socket = await setup.dial();
    socket.write('hello');
    await assert.rejects(once(socket, 'end'), { code: 'ECONNRESET' });
  });

  it('cut: what was connected stays dead and hears nothing, what is dialed meanwhile gets through later', async () => {
    await using setup = await Setup.open();
    const before = await setup.dial();
    before.write('a');
    assert.equal(await piece(before), 'a');
    setup.relay.cut();
    before.write('b');
    const meanwhile = await setup.dial();
    meanwhile.write('c');
    for (const socket of setup.target.sockets) socket.destroy();
    const nothing = Promise.race([piece(before), piece(meanwhile), once(before, 'close')]);
    assert.equal(await Promise.race([nothing, sleep(NEVER_MS).then(() => 'silence')]), 'silence');
    setup.relay.heal();
    assert.equal(await piece(meanwhile), 'c');
    assert.equal(before.readyState, 'open');
  });

  it('slow: no faster than it says, and nothing is lost when it is fine again', async () => {
    await using setup = await Setup.open((socket) => socket.resume());
    const socket = await setup.dial();
    const [target] = await setup.accepted();
    setup.relay.become({ kind: 'slow', bytesPerSecond: 1_000_000 });
    const started = performance.now();
    socket.end(Buffer.alloc(400_000));
    await sleep(100);
    assert.ok(target.bytesRead < 300_000, `${target.bytesRead} bytes in 100 ms`);
    await once(target, 'end');
    const tookMs = performance.now() - started;
    assert.equal(target.bytesRead, 400_000);
    assert.ok(tookMs > 250, `it took ${tookMs} ms`);
  });

  it('late: what is behind waits, in order', async () => {
    await using setup = await Setup.open();
    const socket = await setup.dial();
    setup.relay.become({ kind: 'late', share: 1, minMs: 200, maxMs: 200 });
    const started = performance.now();
    socket.write('one ');
    await sleep(20);
    setup.relay.become({ kind: 'late', share: 0, minMs: 0, maxMs: 0 });
    socket.end('two');
    assert.equal(await textOf(socket), 'one two');
    assert.ok(performance.now() - started >= 200);
  });
});

/** A target that says everything back unless told otherwise, behind a relay. */
class Setup implements AsyncDisposable {
  readonly target: Target;
  readonly relay = new FaultRelay(1);
  readonly #sockets: Socket[] = [];

  private constructor(target: Target) {
    this.target = target;
  }

  static async open(serve = (socket: Socket): unknown => socket.pipe(socket)): Promise<Setup> {
    return new Setup(await startTcpTarget((socket) => void serve(socket)));
  }

  async dial(): Promise<Socket> {
    const address = await this.relay.addressFor({ host: '127.0.0.1', port: this.target.port });
    const socket = connect({ ...address, allowHalfOpen: true });
    this.#sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** The target's sockets, once there is one. */
  async accepted(): Promise<[Socket]> {
    const [first] = [...this.target.sockets];
    if (first) return [first];
    await sleep(5);
    return this.accepted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.relay[Symbol.asyncDispose]();
    await this.target[Symbol.asyncDispose]();
  }
}

async function piece(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data');
  return String(chunk);
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
