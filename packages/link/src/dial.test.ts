import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { type LinkEnd, Role } from '@culvert/mux';
import { REQUEST } from '@culvert/mux/testing';
import { refuseUpgrade } from './accept.ts';
import { LinkRefused } from './dialed-link.ts';
import { LoopbackWorker } from './testing/loopback-worker.ts';
import { noSocketsLeft } from './testing/tcp.ts';

/** What dialing failed with. */
async function failure(work: Promise<unknown>): Promise<CulvertError> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CulvertError, String(error));
  return error;
}

describe('dialing', () => {
  after(noSocketsLeft);

  it('WELCOME comes through, and both sides know who the other is', async () => {
    const roles: number[] = [];
    await using worker = await LoopbackWorker.start({
      hello: (link, hello) => {
        roles.push(hello.role);
        link.machine.welcome(hello, { epoch: 9, sessionId: 's_9', boot: 'b_9' });
      },
    });
    const links = [await worker.dial({ role: 'edge' }), await worker.dial({ role: 'agent', accept: () => undefined })];
    assert.deepEqual(roles, [Role.EDGE, Role.AGENT]);
    for (const link of links) {
      assert.partialDeepStrictEqual(link.welcome, { nodeId: 'w_1', boot: 'b_9', sessionId: 's_9', epoch: 9 });
      link.close();
    }
    for (const { link } of worker.accepted) assert.equal((await link.closed).code, 'shutting_down');
  });

  it('sends the ticket', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await using worker = await LoopbackWorker.start({
      upgrade: (request, socket) => {
        resolve(request.headers.authorization);
        socket.destroy();
      },
    });
    await failure(worker.dial({ token: 't1.abc' }));
    assert.equal(await promise, 'Bearer t1.abc');
  });

  for (const final of [false, true]) {
    it(`a refused upgrade: code, words${final ? ' and finality' : ' and when to come again'} come through`, async () => {
      await using worker = await LoopbackWorker.start({
        upgrade: (_request, socket) => {
          const again = final ? {} : { retryAfterSeconds: 7 };
          refuseUpgrade(socket, new CulvertError('ticket_expired', 'it was good until noon', again), final);
        },
      });
      const error = await failure(worker.dial());
      assert.ok(error instanceof LinkRefused);
      const { code, message, retryAfterSeconds } = error;
      assert.deepEqual([code, message, error.final], ['ticket_expired', 'it was good until noon', final]);
      assert.equal(retryAfterSeconds, final ? undefined : 7);
    });
  }

  it('an answer that is none of ours: 401 is about the ticket, anything else is not a worker', async () => {
    for (const [status, code] of [
      ['401 Unauthorized', 'ticket_invalid'],
      ['404 Not Found', 'link_lost'],
    ]) {
      await using worker = await LoopbackWorker.start({
        upgrade: (_request, socket) => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`),
      });
      const error = await failure(worker.dial());
      assert.ok(error instanceof LinkRefused && !error.final);
      assert.equal(error.code, code);
    }
  });

  it('a refusal that goes on for ever is read up to a bound', async () => {
    await using worker = await LoopbackWorker.start({
      upgrade: (_request, socket) => {
        socket.on('error', () => undefined); // The dialer hangs up: that is the point.
        socket.write('HTTP/1.1 503 x\r\nX-Culvert-Error: draining\r\n\r\n');
        const more = (): void => {
          if (socket.writable) socket.write('x'.repeat(50_000), more);
        };
        more();
      },
    });
    const error = await failure(worker.dial());
    assert.equal(error.code, 'draining');
    assert.equal(error.message.length, 4_096);
  });

  it('nobody there: link_lost', async () => {
    const worker = await LoopbackWorker.start();
    await worker[Symbol.asyncDispose]();
    assert.equal((await failure(worker.dial())).code, 'link_lost');
  });

  it('GOAWAY instead of WELCOME: refused, with code and finality', async () => {
    const end: LinkEnd = { code: 'superseded', message: 'another agent', final: true };
    await using worker = await LoopbackWorker.start({ hello: (link) => link.machine.end(end) });
    const error = await failure(worker.dial());
    assert.ok(error instanceof LinkRefused && error.final);
    assert.deepEqual([error.code, error.message], ['superseded', 'another agent']);
  });

  it('given up at the deadline, whatever it was waiting for; nothing stays open', async () => {
    await using silent = await LoopbackWorker.start({ upgrade: () => undefined });
    await using slow = await LoopbackWorker.start({ hello: () => undefined });
    for (const worker of [silent, slow]) {
      assert.equal((await failure(worker.dial({ deadlineMs: 100 }))).code, 'timeout');
    }
    await slow.accepted[0]?.link.closed;
  });

  it('given up by the signal, before or while it dials', async () => {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<unknown>();
    await using slow = await LoopbackWorker.start({
      upgrade: (_request, socket) => {
        socket.once('end', () => gone.resolve(socket.destroy())).resume();
        asked.resolve();
      },
    });
    assert.equal((await failure(slow.dial({ signal: AbortSignal.abort() }))).code, 'cancelled');
    const controller = new AbortController();
    const dial = failure(slow.dial({ signal: controller.signal }));
    await asked.promise;
    controller.abort();
    assert.equal((await dial).code, 'cancelled');
    await gone.promise;
  });

  it('a signal that comes after WELCOME changes nothing', async () => {
    await using worker = await LoopbackWorker.start({ accept: () => undefined });
    const controller = new AbortController();
    const link = await worker.dial({ signal: controller.signal });
    controller.abort();
    await assert.rejects(link.open(REQUEST, { deadlineMs: 20 }));
    assert.ok(worker.accepted[0]?.link.machine.up);
    link.close();
  });
});

describe('a refused upgrade', () => {
  it('does not hold a socket for a peer that never closes it', { timeout: 5_000 }, async () => {
    await using worker = await LoopbackWorker.start({
      upgrade: (_request, socket) => refuseUpgrade(socket, new CulvertError('draining')),
    });
    const socket = connect({ port: Number(new URL(worker.url).port), host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    socket.write('GET /link HTTP/1.1\r\nHost: w\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await once(socket.resume(), 'end');
    while (worker.sockets > 0) await new Promise(setImmediate);
    socket.destroy();
  });

  it('says the code to whoever looks, and when to come again', async () => {
    await using worker = await LoopbackWorker.start({
      upgrade: (_request, socket) => {
        refuseUpgrade(socket, new CulvertError('draining', 'äh', { retryAfterSeconds: 1.2 }));
      },
    });
    const socket = connect(Number(new URL(worker.url).port), '127.0.0.1');
    socket.write('GET /link HTTP/1.1\r\nHost: w\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk;
    assert.match(text, /^HTTP\/1\.1 503 draining\r\nX-Culvert-Error: draining\r\nRetry-After: 2\r\n/);
    assert.match(text, /Content-Length: 4\r\nConnection: close\r\n\r\näh\n$/);
  });
});
