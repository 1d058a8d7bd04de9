import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup } from './testing/edge-setup.ts';
import { get, OK, post, scripted } from './testing/targets.ts';

describe('absolute-URI requests: what the browser sees', () => {
  it('keeps status, case, order and repetition, and leaves out hop-by-hop fields', async () => {
    await using edge = await EdgeSetup.start();
    const answer = [
      'HTTP/1.1 234 Quite Fine',
      'x-B: 1',
      'Set-Cookie: a=1',
      'X-a: caf\xe9',
      'Set-Cookie: b=2',
      'Connection: X-Hop',
      'X-Hop: gone',
      'Keep-Alive: timeout=5',
      'Proxy-Authenticate: Basic realm="x"',
      'X-Culvert-Error: spoofed',
      'Upgrade: h2c',
      'Content-Length: 2',
    ];
    const { port } = await scripted(edge, `${answer.join('\r\n')}\r\n\r\nok`);
    const { head, body } = await edge.ask(get(port));
    assert.deepEqual(head.split('\r\n').slice(0, -2), [
      'HTTP/1.1 234 Quite Fine',
      'x-B: 1',
      'Set-Cookie: a=1',
      'X-a: caf\xe9',
      'Set-Cookie: b=2',
      'Content-Length: 2',
      'Via: 1.1 culvert',
      'Connection: keep-alive',
      'Keep-Alive: timeout=65',
    ]);
    assert.equal(body, 'ok');
  });

  it('passes chunks and trailers on', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(
      edge,
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n',
    );
    const client = await edge.client();
    client.send(get(port));
    const head = await client.takeThrough('\r\n\r\n');
    assert.match(head, /Trailer: X-Sum\r\n/);
    assert.match(head, /Transfer-Encoding: chunked\r\n/);
    assert.equal(await client.takeThrough('X-Sum: 7\r\n\r\n'), '2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n');
  });

  it('flushes an event stream as it comes', async () => {
    await using edge = await EdgeSetup.start();
    const events = Promise.withResolvers<(text: string) => void>();
    const port = await edge.web((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      events.resolve((text) => response.write(text));
    });
    const client = await edge.client();
    client.send(get(port));
    await client.takeThrough('\r\n\r\n');
    const send = await events.promise;
    send('data: 1\n\n');
    await client.takeThrough('data: 1\n\n');
    send('data: 2\n\n');
    await client.takeThrough('data: 2\n\n');
  });

  it('passes 103 and other interim answers on', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${OK}`);
    const client = await edge.client();
    client.send(get(port));
    const interim = await client.answer();
    assert.deepEqual([interim.status, interim.headers.link], [103, '</a.css>']);
    assert.equal((await client.answer()).body, 'ok');
  });

  it('gives up on a target that sends interim answers without end', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(40));
    const client = await edge.client();
    client.send(get(port));
    for (;;) {
      const answer = await client.answer();
      if (answer.status === 103) continue;
      assert.equal(answer.headers['x-culvert-error'], 'target_invalid_response');
      break;
    }
  });

  it('keeps the length of what HEAD and 304 leave out', async () => {
    await using edge = await EdgeSetup.start();
    const head = await scripted(edge, 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n');
    const notModified = await scripted(edge, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 88\r\n\r\n');
    const client = await edge.client();
    client.send(get(head.port).replace('GET', 'HEAD'));
    assert.equal((await client.answer({ head: true })).headers['content-length'], '99');
    client.send(get(notModified.port));
    const answer = await client.answer();
    assert.deepEqual([answer.status, answer.headers['content-length']], [304, '88']);
    assert.equal(answer.headers['transfer-encoding'], undefined);
  });

  it('gives 204 no length', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n');
    const client = await edge.client();
    for (const _ of [1, 2]) {
      client.send(get(port));
      const { headers, status } = await client.answer();
      assert.equal(status, 204);
      assert.deepEqual([headers['content-length'], headers['transfer-encoding']], [undefined, undefined]);
    }
  });

  it('turns an answer that ends with the connection into chunks', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, 'HTTP/1.1 200 OK\r\n\r\nuntil the end', (socket) => socket.end());
    const { body, headers } = await edge.ask(get(port));
    assert.equal(headers['transfer-encoding'], 'chunked');
    assert.equal(body, 'd\r\nuntil the end\r\n0\r\n\r\n');
  });

  it('serves HTTP/1.0 clients', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
    const client = await edge.client();
    client.send(`GET http://app.internal:${port}/ HTTP/1.0\r\n${AUTH}\r\n`);
    const { headers, body } = await client.answer();
    assert.deepEqual([headers['transfer-encoding'], headers.connection, body], [undefined, 'close', 'ok']);
  });

  it('serves HTTP/1.0 targets', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, 'HTTP/1.0 200 OK\r\n\r\nold', (socket) => socket.end());
    assert.equal((await edge.ask(get(port))).body, '3\r\nold\r\n0\r\n\r\n');
  });

  it('answers early while the upload still runs', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web((_request, response) =>
      response.writeHead(413, { 'content-length': 7 }).end('too big'),
    );
    const client = await edge.client();
    client.send(post(port, 'Content-Length: 20\r\n', 'begin'));
    const { status, body } = await client.answer();
    assert.deepEqual([status, body], [413, 'too big']);
    client.send('0123456789abcde');
    client.send(get(port)); // the connection is still in step
    assert.equal((await client.answer()).status, 413);
  });
});
