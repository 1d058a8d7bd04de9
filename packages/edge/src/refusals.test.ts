import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup } from './testing/edge-setup.ts';
import { RawClient } from './testing/raw-client.ts';

const H = `Host: app.internal\r\n${AUTH}`;
const GET = `GET http://app.internal/ HTTP/1.1\r\n${H}`;
const POST = `POST http://app.internal/ HTTP/1.1\r\n${H}`;

describe('ambiguous and malformed requests are refused, and nothing is sent on', () => {
  for (const [what, text] of [
    [
      'Content-Length with Transfer-Encoding',
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'Transfer-Encoding with Content-Length',
      `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    ],
    ['two different lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ['the same length twice', `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ['a list of lengths', `${POST}Content-Length: 5, 5\r\n\r\nhello`],
    ['a signed length', `${POST}Content-Length: +5\r\n\r\nhello`],
    ['another coding before chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['identity', `${POST}Transfer-Encoding: identity\r\n\r\nabc`],
    ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\nabc`],
    ['chunked twice', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', `${POST.replace('/1.1', '/1.0')}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a bad chunk', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a chunk that ends in LF', `${POST}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`],
    ['a folded field', `${GET}X: a\r\n b\r\n\r\n`],
    ['a blank before the colon', `${GET}X : a\r\n\r\n`],
    ['LF alone after the request line', `GET http://app.internal/ HTTP/1.1\nHost: a\n\n`],
    ['LF alone after a field', `${GET}X: a\nY: b\r\n\r\n`],
    ['CR alone in a field', `${GET}X: a\rY: b\r\n\r\n`],
    ['NUL in a field', `${GET}X: a\0b\r\n\r\n`],
    ['no Host', `GET http://app.internal/ HTTP/1.1\r\n${AUTH}\r\n`],
    ['two Hosts', `${GET}Host: other\r\n\r\n`],
    ['a tab in the target', `GET http://app.internal/a\tb HTTP/1.1\r\n${H}\r\n`],
    ['bytes beyond ASCII in the target', `GET http://app.internal/\xe9 HTTP/1.1\r\n${H}\r\n`],
    ['user information in the target', `GET http://u@app.internal/ HTTP/1.1\r\n${H}\r\n`],
    ['a port out of range', `GET http://app.internal:70000/ HTTP/1.1\r\n${H}\r\n`],
    ['a fragment in the target', `GET http://app.internal/#x HTTP/1.1\r\n${H}\r\n`],
    ['no host in the target', `GET http:///x HTTP/1.1\r\n${H}\r\n`],
    ['another version', `GET http://app.internal/ HTTP/1.2\r\n${H}\r\n`],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ] as const) {
    it(what, async () => {
      await using edge = await EdgeSetup.start();
      edge.agent.intercept = () => true;
      const { status, headers } = await edge.ask(text);
      assert.deepEqual([status, headers['x-culvert-error']], [400, 'bad_request']);
      assert.equal(edge.agent.streams, 0);
    });
  }

  it('and the connection is closed, with what came behind unread', async () => {
    await using edge = await EdgeSetup.start();
    const { client } = await edge.ask(`${GET}X : a\r\n\r\n${GET}\r\n`);
    assert.equal(await client.takeAll(), '');
    assert.deepEqual(edge.agent.opened, []);
  });

  it('a header section that is too large gets 431', async () => {
    await using edge = await EdgeSetup.start();
    const { status, headers } = await edge.ask(`${GET}X: ${'a'.repeat(40_000)}\r\n\r\n`);
    assert.deepEqual([status, headers['x-culvert-error']], [431, 'headers_too_large']);
  });

  it('a bad chunk in the middle of an upload breaks it off', async () => {
    await using edge = await EdgeSetup.start();
    const aborted = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const port = await edge.web((request) => {
      request.on('error', () => undefined);
      request.once('data', () => arrived.resolve());
      request.on('close', () => {
        if (!request.complete) aborted.resolve();
      });
    });
    const client = await edge.client();
    client.send(`POST http://127.0.0.1:${port}/ HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    await arrived.promise;
    client.send('zz\r\n');
    assert.equal((await client.answer()).headers['x-culvert-error'], 'bad_request');
    await aborted.promise;
  });

  it('a header section that does not come to its end in time gets 400', async () => {
    await using edge = await EdgeSetup.start({ proxy: { headersTimeoutMs: 50 } });
    const { status, client } = await edge.ask('GET http://app.internal/ HTT');
    assert.equal(status, 400);
    assert.equal(await client.takeAll(), '');
  });

  it('too many requests ahead of their turn cost the connection', async () => {
    await using edge = await EdgeSetup.start();
    edge.agent.intercept = () => true;
    const client = await edge.client();
    client.send(`${GET}\r\n`.repeat(40));
    assert.equal(await client.takeAll(), '');
    assert.ok(edge.agent.opened.length <= 1);
  });

  it('a CONNECT behind a request that is not answered yet costs the connection', async () => {
    await using edge = await EdgeSetup.start();
    edge.agent.intercept = () => true;
    const client = await edge.client();
    client.send(`${GET}\r\nCONNECT app.internal:80 HTTP/1.1\r\n${H}\r\n`);
    assert.equal(await client.takeAll(), '');
  });
});

describe('requests that are not for a target', () => {
  it('https: gets the advice to use CONNECT', async () => {
    await using edge = await EdgeSetup.start();
    const { status, headers, body } = await edge.ask(`GET https://app.internal/ HTTP/1.1\r\n${H}\r\n`);
    assert.deepEqual([status, headers['x-culvert-error']], [400, 'unsupported_scheme']);
    assert.match(body, /CONNECT/);
  });

  it('origin form gets told that this is a proxy', async () => {
    await using edge = await EdgeSetup.start();
    const { status, body } = await edge.ask('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(status, 400);
    assert.match(body, /curl --proxy/);
  });

  it('origin form can be served by who runs the proxy', async () => {
    await using edge = await EdgeSetup.start({ proxy: { originForm: (_request, response) => response.end('mine') } });
    const client = await edge.client();
    client.send('GET /pac HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await client.takeAll(), /mine/);
  });
});

describe('credentials', () => {
  const withAuth = (value: string | undefined): string =>
    `GET http://app.internal/ HTTP/1.1\r\nHost: x\r\n${value === undefined ? '' : `Proxy-Authorization: ${value}\r\n`}\r\n`;
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  for (const [what, value] of [
    ['none', undefined],
    ['another scheme', 'Bearer abc'],
    ['not base64', 'Basic !!!'],
    ['no colon', basic('user')],
    ['wrong', basic('s_one:wrong')],
    ['endless', basic(`s_one:${'x'.repeat(2_000)}`)],
  ] as const) {
    it(`${what}: 407 with a challenge, on a connection that stays`, async () => {
      await using edge = await EdgeSetup.start();
      edge.agent.intercept = (pending) => {
        pending.refuse('target_denied', 'no');
        return true;
      };
      const client = await edge.client();
      client.send(withAuth(value));
      const { status, headers } = await client.answer();
      assert.deepEqual([status, headers['x-culvert-error']], [407, 'proxy_auth_required']);
      assert.equal(headers['proxy-authenticate'], 'Basic realm="culvert", charset="UTF-8"');
      client.send(withAuth(basic('s_one:secret')));
      assert.equal((await client.answer()).status, 403);
    });
  }

  it('are read as UTF-8, the user name up to the first colon', async () => {
    await using edge = await EdgeSetup.start();
    await edge.ask(withAuth(basic('bücher@acme:se:cret')));
    assert.deepEqual(edge.resolved, [{ username: 'bücher@acme', password: 'se:cret' }]);
  });

  it('are checked again when they change, and after a failure', async () => {
    await using edge = await EdgeSetup.start();
    const client = await edge.client();
    for (const text of ['a:wrong', 'a:wrong', 'b:wrong']) {
      client.send(withAuth(basic(text)));
      await client.answer();
    }
    assert.equal(edge.resolved.length, 3);
  });

  it('refused before an upload: the rest of it is dropped, and the connection stays', async () => {
    await using edge = await EdgeSetup.start();
    const client = await edge.client();
    client.send(`POST http://app.internal/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(10)}`);
    assert.equal((await client.answer()).status, 407);
    client.send('x'.repeat(99_990));
    client.send(withAuth(undefined));
    assert.equal((await client.answer()).status, 407);
  });

  it('refused before an upload without end: the connection goes', async () => {
    await using edge = await EdgeSetup.start();
    const client = await edge.client();
    client.send('POST http://app.internal/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n');
    assert.equal((await client.answer()).status, 407);
    client.send('x'.repeat(8_000_000));
    await client.takeAll();
  });

  it('of a session that is offline: 503 with Retry-After', async () => {
    await using edge = await EdgeSetup.start();
    const { status, headers } = await edge.ask(withAuth(basic('s_one:offline')));
    assert.deepEqual([status, headers['x-culvert-error'], headers['retry-after']], [503, 'session_offline', '1']);
  });
});

describe('limits and stopping', () => {
  it('answers 429 above the limit of connections, and takes new ones when there is room', async () => {
    await using edge = await EdgeSetup.start({ proxy: { maxConnections: 1 } });
    const port = await edge.web((_request, response) => response.end('ok'));
    const request = `GET http://127.0.0.1:${port}/ HTTP/1.1\r\n${H}\r\n`;
    const first = await edge.ask(request);
    const second = await edge.ask(request);
    assert.deepEqual([second.status, second.headers['x-culvert-error']], [429, 'limit_exceeded']);
    first.client.close();
    second.client.close();
    while (edge.proxy.connections > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await edge.ask(request)).status, 200);
  });

  it('refuses new work while draining, and lets what runs end', async () => {
    await using edge = await EdgeSetup.start();
    const answer = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const port = await edge.web(async (_request, response) => {
      asked.resolve();
      await answer.promise;
      response.end('late');
    });
    const running = await edge.client();
    running.send(`GET http://127.0.0.1:${port}/ HTTP/1.1\r\n${H}\r\n`);
    await asked.promise;
    const closing = edge.proxy.close(5_000);
    const refused = await edge.ask(`${GET}\r\n`);
    assert.deepEqual([refused.status, refused.headers['x-culvert-error']], [503, 'draining']);
    assert.deepEqual([refused.headers['retry-after'], refused.headers.connection], ['1', 'close']);
    const tunnel = await edge.ask(`CONNECT app.internal:80 HTTP/1.1\r\n${H}\r\n`);
    assert.equal(tunnel.headers['x-culvert-error'], 'draining');
    answer.resolve();
    assert.match((await running.answer()).body, /late/);
    await closing;
    assert.equal(await running.takeAll(), '');
  });

  it('waits for tunnels, and breaks them off at the deadline', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.tcp((socket) => socket.resume());
    const client = await edge.client();
    client.send(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n${H}\r\n`);
    await client.takeThrough('\r\n\r\n');
    const startedAt = performance.now();
    await edge.proxy.close(50);
    assert.ok(performance.now() - startedAt >= 45);
    await client.takeAll();
  });

  it('closes idle connections at once', async () => {
    await using edge = await EdgeSetup.start();
    const { client } = await edge.ask(`GET / HTTP/1.1\r\nHost: x\r\n\r\n`);
    edge.proxy.drain();
    assert.equal(await client.takeAll(), '');
    const later = await RawClient.connect(edge.port); // the listener stays
    later.close();
  });
});
