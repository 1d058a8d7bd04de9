import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup } from './testing/edge-setup.ts';
import { bodyOf, get, OK, post, scripted } from './testing/targets.ts';

describe('absolute-URI requests: what the target sees', () => {
  it('keeps case, order and repetition of the fields, and leaves out what was for the proxy', async () => {
    await using edge = await EdgeSetup.start();
    const { port, requests } = await scripted(edge, OK);
    const fields = [
      'x-B: 1',
      'X-a: caf\xe9',
      'x-B: 2',
      'Proxy-Connection: keep-alive',
      'Keep-Alive: timeout=5',
      'X-Hop: gone',
      'Connection: keep-alive, X-Hop, Content-Type',
      'TE: gzip, trailers;q=0.5',
      'Upgrade: h2c',
      'Content-Type: text/plain',
      'Cookie: a=b',
    ];
    await edge.ask(get(port, '/a/../b/%2e%2e/?q=ü'.replace('ü', '%C3%BC'), fields.map((f) => `${f}\r\n`).join('')));
    const [head = ''] = requests;
    assert.deepEqual(head.split('\r\n').slice(0, -2), [
      'GET /a/../b/%2e%2e/?q=%C3%BC HTTP/1.1',
      `Host: app.internal:${port}`,
      'x-B: 1',
      'X-a: caf\xe9',
      'x-B: 2',
      'Cookie: a=b',
      'TE: trailers',
      'Connection: TE',
      'Via: 1.1 culvert',
    ]);
  });

  it('does not let Connection take away what frames the message', async () => {
    await using edge = await EdgeSetup.start();
    const { port, requests } = await scripted(edge, OK);
    await edge.ask(post(port, 'Connection: content-length, host\r\nContent-Length: 3\r\n', 'abc'));
    assert.match(requests.join(''), /Content-Length: 3\r\n/);
    assert.match(requests.join(''), /Host: app\.internal/);
  });

  it('sends a POST without content as such', async () => {
    await using edge = await EdgeSetup.start();
    const { port, requests } = await scripted(edge, OK);
    await edge.ask(post(port, ''));
    assert.match(requests.join(''), /Content-Length: 0\r\n/);
    assert.doesNotMatch(requests.join(''), /Transfer-Encoding/i);
  });

  for (const [uri, line] of [
    ['http://app.internal:PORT', 'GET / HTTP/1.1'],
    ['http://app.internal:PORT?x=1', 'GET /?x=1 HTTP/1.1'],
    ['HTTP://app.internal:PORT/x', 'GET /x HTTP/1.1'],
    ['ws://app.internal:PORT/x', 'GET /x HTTP/1.1'],
  ] as const) {
    it(`asks for ${line} when the target is ${uri}`, async () => {
      await using edge = await EdgeSetup.start();
      const { port, requests } = await scripted(edge, OK);
      await edge.ask(`GET ${uri.replace('PORT', String(port))} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n`);
      assert.equal(requests[0]?.split('\r\n')[0], line);
    });
  }

  it('asks about the server as a whole with OPTIONS and no path', async () => {
    await using edge = await EdgeSetup.start();
    const { port, requests } = await scripted(edge, OK);
    await edge.ask(`OPTIONS http://app.internal:${port} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n`);
    assert.equal(requests[0]?.split('\r\n')[0], 'OPTIONS * HTTP/1.1');
  });

  it('passes an upload on with its chunks and trailers', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web(async (request, response) => {
      const text = await bodyOf(request);
      response.end(JSON.stringify([text, request.headers['transfer-encoding'], request.rawTrailers]));
    });
    const chunks = '5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n';
    const { body } = await edge.ask(post(port, 'Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n', chunks));
    assert.ok(body.includes('["hello!","chunked",["X-Sum","1"]]'), body);
  });

  it('passes an upload on as it comes, not when it is complete', async () => {
    await using edge = await EdgeSetup.start();
    const first = Promise.withResolvers<string>();
    const port = await edge.web((request, response) => {
      request.once('data', (chunk) => first.resolve(String(chunk)));
      request.on('end', () => response.end('done'));
      request.resume();
    });
    const client = await edge.client();
    client.send(post(port, 'Content-Length: 10\r\n', 'first'));
    assert.equal(await first.promise, 'first');
    client.send('again');
    assert.equal((await client.answer()).status, 200);
  });

  it('shows the head of a request before its content begins', async () => {
    await using edge = await EdgeSetup.start();
    const arrived = Promise.withResolvers<void>();
    const port = await edge.web((request, response) => {
      arrived.resolve();
      request.on('end', () => response.end());
      request.resume();
    });
    const client = await edge.client();
    client.send(post(port, 'Content-Length: 1\r\n'));
    await arrived.promise;
    client.send('x');
    await client.answer();
  });

  it('carries Expect: 100-continue from end to end', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web(
      () => assert.fail('without an expectation'),
      (server) =>
        server.on('checkContinue', async (request: IncomingMessage, response) => {
          response.writeContinue();
          response.end(`got ${await bodyOf(request)}`);
        }),
    );
    const client = await edge.client();
    client.send(post(port, 'Expect: 100-continue\r\nContent-Length: 4\r\n'));
    assert.equal((await client.answer()).status, 100);
    client.send('data');
    assert.equal((await client.answer()).body, 'got data');
  });

  it('passes a refusal of the expectation on, and reads no content as a request', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web(
      () => undefined,
      (server) => server.on('checkContinue', (_request, response) => response.writeHead(417).end()),
    );
    const client = await edge.client();
    client.send(post(port, 'Expect: 100-continue\r\nContent-Length: 4\r\n'));
    const answer = await client.answer();
    assert.deepEqual([answer.status, answer.headers.connection], [417, 'close']);
  });

  it("leaves out an HTTP/1.0 client's expectation, which could not be answered", async () => {
    await using edge = await EdgeSetup.start();
    const { port, requests } = await scripted(edge, OK);
    await edge.ask(post(port, 'Expect: 100-continue\r\nContent-Length: 1\r\n', 'x').replace('HTTP/1.1', 'HTTP/1.0'));
    assert.doesNotMatch(requests.join(''), /Expect/i);
  });
});
