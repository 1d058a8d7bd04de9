import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { freshRequest, Recorder, StreamPair } from '@culvert/mux/testing';
import { splice } from './splice.ts';
import { StreamSocket } from './stream-socket.ts';
import { LoopbackWorker } from './testing/loopback-worker.ts';
import { noSocketsLeft } from './testing/tcp.ts';

const ticks = async (count = 5): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise(setImmediate);
};

describe('StreamSocket', () => {
  after(noSocketsLeft);

  it('bytes and ends both ways', async () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const socket = new StreamSocket(edge);
    const peer = new Recorder(agent);
    socket.end('question');
    await ticks();
    pair.deliver();
    assert.deepEqual([peer.bytes.toString(), peer.events], ['question', ['end']]);
    agent.write(Buffer.from('answer'));
    agent.end();
    pair.deliver();
    assert.equal((await socket.toArray()).join(''), 'answer');
    await ticks();
    pair.deliver();
    assert.deepEqual(peer.events, ['end', 'closed']);
    pair.assertClean();
  });

  it('everything is consumed at the end, also when the reader began late', async () => {
    // The end has come before anything is read: then Node never asks for more, and only reading tells what was read.
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const socket = new StreamSocket(edge);
    const peer = new Recorder(agent);
    for (let i = 0; i < 3; i += 1) agent.write(Buffer.from('part '));
    agent.end();
    pair.deliver();
    socket.end();
    await ticks();
    pair.deliver();
    assert.equal((await socket.toArray()).join(''), 'part part part ');
    await ticks();
    pair.deliver();
    assert.deepEqual(peer.events, ['end', 'closed']);
    pair.assertClean();
  });

  it('a reader that waits consumes nothing; what it takes is credit for the peer', async () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const socket = new StreamSocket(edge).pause();
    agent.write(Buffer.alloc(1_000));
    pair.deliver();
    await ticks();
    pair.deliver();
    // Node buffers up to its own mark before anybody reads; the window is what bounds it.
    assert.equal(agent.credit, 0);
    assert.equal(socket.readableLength, 1_000);
    while (socket.read() !== null);
    await ticks();
    pair.deliver();
    assert.ok(agent.credit >= 750);
    socket.destroy();
  });

  it('a writer waits for credit, and every byte arrives', async () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const socket = new StreamSocket(edge);
    const peer = new Recorder(agent);
    const bytes = randomBytes(50_000);
    let written = false;
    socket.end(bytes, () => {
      written = true;
    });
    await ticks();
    assert.equal(written, false);
    for (let i = 0; i < 200 && !peer.events.includes('end'); i += 1) {
      pair.deliver();
      await ticks(1);
    }
    assert.ok(peer.bytes.equals(bytes));
    assert.ok(written);
    socket.destroy();
  });

  it('destroyed before both ends are through: the peer is reset, with the code of the error', async () => {
    for (const [how, code] of [
      [(socket: StreamSocket) => socket.destroy(), 'aborted'],
      [(socket: StreamSocket) => socket.destroy(new Error('x')), 'aborted'],
    ] as const) {
      const pair = new StreamPair();
      const { edge, agent } = pair.open();
      const peer = new Recorder(agent);
      const socket = new StreamSocket(edge).on('error', () => undefined);
      how(socket);
      await ticks();
      pair.deliver();
      assert.deepEqual(peer.events, ['closed', `reset ${code}`]);
      pair.assertClean();
    }
  });

  it('a reset of the peer is an error with its code', async () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const socket = new StreamSocket(edge);
    const broken = once(socket, 'error');
    agent.reset('target_reset', 'why');
    pair.deliver();
    const [error] = await broken;
    assert.deepEqual([error.code, error.message], ['target_reset', 'why']);
    pair.assertClean();
  });
});

describe("node:http's client over streams", { timeout: 10_000 }, () => {
  after(noSocketsLeft);

  /** A real HTTP server behind a link, and an agent for `http.request` whose connections are streams. */
  async function world(keepAlive: boolean) {
    const bodies: string[] = [];
    const server = createServer(async (incoming, response) => {
      bodies.push((await incoming.toArray()).join('').slice(0, 20));
      response.end(`${incoming.method} ${incoming.url} `.padEnd(200_000, '.'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const worker = await LoopbackWorker.start({
      accept: (pending) => {
        const socket = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
        socket.once('connect', () => splice(pending.accept(), socket));
      },
    });
    const link = await worker.dial();
    const agent = new Agent({ keepAlive });
    agent.createConnection = (_options, done) => {
      link.open(freshRequest({ kind: 'http', host: 'h', port: 80 }), { deadlineMs: 5_000 }).then(
        (stream) => done?.(null, new StreamSocket(stream)),
        (error: Error) => done?.(error, undefined as never),
      );
      return undefined;
    };
    const close = async (): Promise<void> => {
      agent.destroy();
      link.close();
      await link.closed;
      server.closeAllConnections();
      server.close();
      await worker[Symbol.asyncDispose]();
    };
    const ask = async (path: string, body: string): Promise<string> => {
      const outgoing = request({ agent, host: 'h', method: 'POST', path });
      outgoing.end(body);
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      return (await response.toArray()).join('');
    };
    return { ask, close, link, bodies };
  }

  for (const keepAlive of [false, true]) {
    it(`requests one after the other, ${keepAlive ? 'on one stream' : 'each on its own'}`, async () => {
      const { ask, close, link, bodies } = await world(keepAlive);
      for (const path of ['/1', '/2', '/3']) {
        const body = path.repeat(100_000);
        const answer = await ask(path, body);
        assert.equal(answer.length, 200_000);
        assert.ok(answer.startsWith(`POST ${path} `));
      }
      assert.deepEqual(bodies, ['/1'.repeat(10), '/2'.repeat(10), '/3'.repeat(10)]);
      if (keepAlive) assert.equal(link.openStreams, 1);
      else while (link.openStreams > 0) await new Promise(setImmediate);
      await close();
    });
  }
});
