import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { AUTH, EdgeSetup, SESSION } from './testing/edge-setup.ts';

const echo = (socket: Socket): void => {
  socket.pipe(socket);
};
const connectTo = (target: string, fields = AUTH): string =>
  `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${fields}\r\n`;

describe('CONNECT', () => {
  it('joins the browser and the target', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp(echo);
    const client = await edge.client();
    client.send(connectTo(`app.internal:${port}`));
    const answer = await client.takeThrough('\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 200 [^\r]+\r\n\r\n$/); // nothing that could be taken for content
    client.send('hello');
    assert.equal(await client.take(5), 'hello');
    const [opened] = edge.agent.opened;
    assert.deepEqual([opened?.host, opened?.port, opened?.kind], ['app.internal', port, 'connect']);
    assert.equal(opened?.sessionId, SESSION);
  });

  it('passes on what the browser sent behind its request', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp(echo);
    const client = await edge.client();
    client.send(`${connectTo(`127.0.0.1:${port}`)}early`);
    await client.takeThrough('\r\n\r\n');
    assert.equal(await client.take(5), 'early');
  });

  it('keeps half-close from the browser', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => socket.end(`got ${text}`));
    });
    const client = await edge.client();
    client.end(`${connectTo(`127.0.0.1:${port}`)}question`);
    await client.takeThrough('\r\n\r\n');
    assert.equal(await client.takeAll(), 'got question');
    assert.equal(client.error, undefined);
  });

  it('keeps half-close from the target', async () => {
    await using edge = await EdgeSetup.start();
    const received = Promise.withResolvers<string>();
    const port = await edge.tcp((socket) => {
      socket.end('bye');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => received.resolve(text));
    });
    const client = await edge.client();
    client.send(connectTo(`127.0.0.1:${port}`));
    await client.takeThrough('\r\n\r\n');
    assert.equal(await client.takeAll(), 'bye');
    client.end('still here');
    assert.equal(await received.promise, 'still here');
  });

  it('tells the browser of a reset by the target', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const client = await edge.client();
    client.send(connectTo(`127.0.0.1:${port}`));
    await client.takeThrough('\r\n\r\n');
    client.send('x');
    await client.takeAll();
    assert.equal((client.error as NodeJS.ErrnoException | undefined)?.code, 'ECONNRESET');
    assert.ok(edge.counts.includes('closed connect target_reset'), edge.counts.join());
  });

  it('breaks the target connection off when the browser resets', async () => {
    await using edge = await EdgeSetup.start();
    const closed = Promise.withResolvers<void>();
    const port = await edge.tcp((socket) => {
      socket.resume();
      socket.on('close', () => closed.resolve());
    });
    const client = await edge.client();
    client.send(connectTo(`127.0.0.1:${port}`));
    await client.takeThrough('\r\n\r\n');
    client.socket.resetAndDestroy();
    await closed.promise;
  });

  it('gives up the dial when the browser goes away', async () => {
    await using edge = await EdgeSetup.start();
    const asked = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    edge.agent.intercept = (pending) => {
      pending.onCancelled(() => cancelled.resolve());
      asked.resolve();
      return true;
    };
    const client = await edge.client();
    client.send(connectTo('app.internal:80'));
    await asked.promise;
    client.socket.resetAndDestroy();
    await cancelled.promise;
  });

  it('reaches IPv6 literals', async () => {
    await using edge = await EdgeSetup.start();
    edge.agent.intercept = (pending) => {
      pending.refuse('target_denied', 'rule x');
      return true;
    };
    const { status } = await edge.ask(connectTo('[2001:DB8::1]:443'));
    assert.equal(status, 403);
    assert.deepEqual([edge.agent.opened[0]?.host, edge.agent.opened[0]?.port], ['2001:DB8::1', 443]);
  });

  for (const target of [
    'app.internal',
    'app.internal:',
    'app.internal:0',
    'app.internal:65536',
    'app.internal:+80',
    'u@app.internal:80',
    'http://app.internal:80/',
    'http://app.internal:80',
    '[::1:80',
    '::1:80',
    '[nonsense]:80',
    `${'a'.repeat(254)}:80`,
    '/path',
  ]) {
    it(`refuses ${target.slice(0, 40)} as a target`, async () => {
      await using edge = await EdgeSetup.start();
      const { status, headers } = await edge.ask(connectTo(target));
      assert.deepEqual([status, headers['x-culvert-error']], [400, 'bad_request']);
      assert.deepEqual(edge.agent.opened, []);
    });
  }

  it('refuses content in the request', async () => {
    await using edge = await EdgeSetup.start();
    const { headers } = await edge.ask(connectTo('a:80', `${AUTH}Content-Length: 3\r\n`));
    assert.equal(headers['x-culvert-error'], 'bad_request');
  });

  for (const [code, status] of [
    ['target_denied', 403],
    ['target_unreachable', 502],
    ['target_timeout', 504],
    ['session_offline', 503],
    ['limit_exceeded', 429],
  ] as const) {
    it(`answers ${status} ${code} and closes`, async () => {
      await using edge = await EdgeSetup.start();
      edge.agent.intercept = (pending) => {
        pending.refuse(code, 'denied by rule 10.0.0.0/8');
        return true;
      };
      const { client, ...answer } = await edge.ask(connectTo('app.internal:80'));
      assert.deepEqual([answer.status, answer.headers['x-culvert-error']], [status, code]);
      assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
      assert.match(answer.body, /denied by rule 10\.0\.0\.0\/8/);
      assert.equal(await client.takeAll(), '');
      assert.ok(edge.counts.includes(`refused ${code}`));
    });
  }

  it('answers 504 when nothing answers the dial', async () => {
    await using edge = await EdgeSetup.start({ proxy: { openDeadlineMs: 30 } });
    edge.agent.intercept = () => true;
    const { status, headers } = await edge.ask(connectTo('app.internal:80'));
    assert.deepEqual([status, headers['x-culvert-error']], [504, 'target_timeout']);
    assert.equal(edge.agent.cancelled, 1);
  });

  it('hides what an internal fault says', async () => {
    const resolver = { resolve: () => Promise.reject(new Error('secret detail')) };
    await using edge = await EdgeSetup.start({ proxy: { resolver } });
    const { status, body } = await edge.ask(connectTo('app.internal:80'));
    assert.equal(status, 500);
    assert.doesNotMatch(body, /secret detail/);
    assert.ok((await edge.line('connection.refused')).err instanceof CulvertError);
  });

  it('reads nothing that follows a refused CONNECT as a request', async () => {
    await using edge = await EdgeSetup.start();
    const smuggled = `GET http://app.internal/ HTTP/1.1\r\nHost: app.internal\r\n${AUTH}\r\n`;
    const { status, headers, client } = await edge.ask(`${connectTo('app.internal:80', '')}${smuggled}`);
    assert.equal(status, 407);
    assert.equal(headers.connection, 'close');
    assert.equal(await client.takeAll(), '');
    assert.deepEqual(edge.agent.opened, []);
  });

  it('logs both ends of a connection', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp(echo);
    const client = await edge.client();
    client.send(connectTo(`app.internal:${port}`));
    await client.takeThrough('\r\n\r\n');
    client.end('12345');
    assert.equal(await client.takeAll(), '12345');
    const close = await edge.line('connection.close');
    const open = await edge.line('connection.open');
    const ids = { session_id: SESSION, tenant_id: 'acme', connection_id: edge.agent.opened[0]?.connectionId };
    assert.partialDeepStrictEqual(open, { ...ids, target: `app.internal:${port}`, kind: 'connect' });
    assert.partialDeepStrictEqual(close, { ...ids, bytes_in: 5, bytes_out: 5, closed_by: 'browser', reason: 'end' });
    assert.equal(typeof close.duration_ms, 'number');
  });

  it('moves much through small windows, both ways, byte for byte', async () => {
    await using edge = await EdgeSetup.start({ agent: { names: {} } });
    const port = await edge.tcp(echo);
    const client = await edge.client();
    client.send(connectTo(`127.0.0.1:${port}`));
    await client.takeThrough('\r\n\r\n');
    const text = Array.from({ length: 300_000 }, (_, n) => String.fromCharCode(n % 251)).join('');
    client.send(text);
    assert.equal(await client.take(text.length), text);
    client.socket.destroySoon();
    await once(client.socket, 'close');
  });
});
