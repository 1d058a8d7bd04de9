import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup } from './testing/edge-setup.ts';
import { get, post, scripted, stalls } from './testing/targets.ts';

describe('absolute-URI requests: when something breaks', () => {
  it('answers 502 when the target closes without an answer', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp((socket) => socket.once('data', () => socket.end()));
    const { status, headers } = await edge.ask(get(port));
    assert.deepEqual([status, headers['x-culvert-error']], [502, 'target_reset']);
  });

  it('answers 502 when the target resets', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    assert.equal((await edge.ask(get(port))).headers['x-culvert-error'], 'target_reset');
  });

  it('answers 502 when nothing listens', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp(() => undefined);
    const { status, headers, body } = await edge.ask(get(port === 1 ? 2 : 1));
    assert.deepEqual([status, headers['x-culvert-error']], [502, 'target_unreachable']);
    assert.match(body, /ECONNREFUSED/);
  });

  for (const [what, answer] of [
    ['not HTTP at all', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['folded fields', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
    ['fields without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`],
  ] as const) {
    it(`answers 502 to ${what}`, async () => {
      await using edge = await EdgeSetup.start();
      const { port } = await scripted(edge, answer);
      const { status, headers } = await edge.ask(get(port));
      assert.deepEqual([status, headers['x-culvert-error']], [502, 'target_invalid_response']);
    });
  }

  it('answers 502 to a switch of protocols that nobody asked for', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    assert.equal((await edge.ask(get(port))).status, 502);
  });

  for (const [how, answer] of [
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ] as const) {
    for (const end of ['end', 'resetAndDestroy'] as const) {
      it(`breaks an answer with ${how} off when the target does (${end})`, async () => {
        await using edge = await EdgeSetup.start();
        const { port } = await scripted(edge, answer, (socket) => setImmediate(() => socket[end]()));
        const client = await edge.client();
        client.send(get(port));
        const text = await client.takeAll();
        assert.doesNotMatch(text, /0\r\n\r\n$/);
      });
    }
  }

  it('resets an HTTP/1.0 client whose answer cannot be completed, for its end means nothing', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(
      edge,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      (socket) => setImmediate(() => socket.end()),
    );
    const client = await edge.client();
    client.send(`GET http://app.internal:${port}/ HTTP/1.0\r\n${AUTH}\r\n`);
    await client.takeAll();
    assert.equal((client.error as NodeJS.ErrnoException | undefined)?.code, 'ECONNRESET');
  });

  it('breaks the target connection off when the browser leaves', async () => {
    await using edge = await EdgeSetup.start();
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const port = await edge.web((request, response) => {
      asked.resolve();
      response.on('close', () => left.resolve());
      request.resume();
    });
    const client = await edge.client();
    client.send(get(port));
    await asked.promise;
    client.close();
    await left.promise;
  });

  it('breaks an upload off when the browser leaves', async () => {
    await using edge = await EdgeSetup.start();
    const asked = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const port = await edge.web((request) => {
      request.once('data', () => asked.resolve());
      request.on('close', () => {
        if (!request.complete) aborted.resolve();
      });
      request.on('error', () => undefined);
    });
    const client = await edge.client();
    client.send(post(port, 'Content-Length: 100\r\n', 'part'));
    await asked.promise;
    client.close();
    await aborted.promise;
  });

  it('gives up the dial when the browser leaves', async () => {
    await using edge = await EdgeSetup.start();
    const asked = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    edge.agent.intercept = (pending) => {
      pending.onCancelled(() => cancelled.resolve());
      asked.resolve();
      return true;
    };
    const client = await edge.client();
    client.send(get(80));
    await asked.promise;
    client.close();
    await cancelled.promise;
  });

  it('does not wait for an upload that stalled before its early answer', { timeout: 4_000 }, async () => {
    await using edge = await EdgeSetup.start();
    const stalled = Promise.withResolvers<void>();
    const port = await edge.tcp((socket) =>
      socket.once('data', async () => {
        socket.pause();
        await stalled.promise;
        socket.end('HTTP/1.1 413 Too Big\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const client = await edge.client();
    client.send(post(port, 'Content-Length: 100000000\r\n'));
    client.socket.write(Buffer.alloc(100_000_000));
    await stalls(() => client.socket.bytesWritten - client.socket.writableLength);
    stalled.resolve();
    assert.equal((await client.answer()).status, 413);
    await client.takeAll(); // cut: it would go on for too long
  });

  it('drops the rest of an upload when the target stops taking it', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp((socket) =>
      socket.once('data', () => {
        socket.end('HTTP/1.1 413 Too Big\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const client = await edge.client();
    client.send(post(port, 'Content-Length: 100000\r\n', 'x'.repeat(50_000)));
    assert.equal((await client.answer()).status, 413);
    client.send('x'.repeat(50_000));
    client.send(get(port));
    assert.equal((await client.answer()).status, 413);
  });
});
