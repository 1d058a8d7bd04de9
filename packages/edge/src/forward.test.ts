import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup, SESSION } from './testing/edge-setup.ts';

const get = (port: number, path = '/', fields = ''): string =>
  `GET http://app.internal:${port}${path} HTTP/1.1\r\nHost: whatever\r\n${AUTH}${fields}\r\n`;
const post = (port: number, fields: string, body = ''): string =>
  `POST http://app.internal:${port}/ HTTP/1.1\r\nHost: whatever\r\n${AUTH}${fields}\r\n${body}`;

/** A target that answers each connection with fixed bytes once it has a header section, and records what it got. */
async function scripted(edge: EdgeSetup, answer: string, after?: (socket: Socket) => void) {
  const requests: string[] = [];
  const port = await edge.tcp((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      requests.push(text);
      text = '';
      socket.write(answer, 'latin1');
      after?.(socket);
    });
    socket.on('end', () => socket.end());
  });
  return { port, requests };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

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
});

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

describe('absolute-URI requests: connections to targets', () => {
  it('are kept from one request of a browser connection to the next', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web((_request, response) => response.end('ok'));
    const client = await edge.client();
    for (const _ of [1, 2, 3]) {
      client.send(get(port));
      assert.equal((await client.answer()).body, 'ok');
    }
    assert.equal(edge.agent.opened.length, 1);
    assert.equal(edge.resolved.length, 1);
  });

  it('are never shared between browser connections', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web((_request, response) => response.end('ok'));
    await edge.ask(get(port));
    await edge.ask(get(port));
    assert.equal(edge.agent.opened.length, 2);
  });

  it('are never shared between sessions', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web((_request, response) => response.end('ok'));
    const client = await edge.client();
    const other = `Proxy-Authorization: Basic ${Buffer.from('s_two:secret').toString('base64')}\r\n`;
    for (const auth of [AUTH, other]) {
      client.send(get(port).replace(AUTH, auth));
      await client.answer();
    }
    assert.deepEqual(
      edge.agent.opened.map((request) => request.sessionId),
      [SESSION, 's_two'],
    );
  });

  it('close with the browser connection', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web((_request, response) => response.end('ok'));
    const { client } = await edge.ask(get(port));
    assert.equal(edge.agent.streams, 1);
    client.close();
    await edge.agent.idle();
  });

  it('close when the target ends them, and the next request gets another', async () => {
    await using edge = await EdgeSetup.start();
    const sockets: Socket[] = [];
    const { port } = await scripted(edge, OK, (socket) => sockets.push(socket));
    const client = await edge.client();
    client.send(get(port));
    await client.answer();
    sockets[0]?.end();
    await edge.agent.idle();
    client.send(get(port));
    assert.equal((await client.answer()).body, 'ok');
    assert.equal(edge.agent.opened.length, 2);
  });

  it('are dropped when the target sends what was not asked for', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await scripted(edge, OK, (socket) => setTimeout(() => socket.write(OK), 5));
    const client = await edge.client();
    client.send(get(port));
    await client.answer();
    await edge.agent.idle();
    client.send(get(port));
    assert.equal((await client.answer()).body, 'ok');
  });

  for (const [method, status] of [
    ['GET', 200],
    ['POST', 502],
  ] as const) {
    it(`that the target closed just now: ${method} is answered ${status}`, async () => {
      await using edge = await EdgeSetup.start();
      let connections = 0;
      const port = await edge.tcp((socket) => {
        connections += 1;
        const mayAnswerTwice = connections > 1;
        let requests = 0;
        socket.on('data', () => {
          requests += 1;
          if (requests === 1 || mayAnswerTwice) socket.write(OK);
          else socket.resetAndDestroy(); // as if the close had crossed the request
        });
        socket.on('end', () => socket.end());
      });
      const client = await edge.client();
      client.send(get(port));
      await client.answer();
      client.send(get(port).replace('GET', method));
      assert.equal((await client.answer()).status, status);
    });
  }

  it('that are not kept alive are ended in order', async () => {
    await using edge = await EdgeSetup.start();
    const ended = Promise.withResolvers<void>();
    const port = await edge.tcp((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'));
      socket.on('error', (error) => ended.reject(error));
      socket.on('end', () => {
        socket.end();
        ended.resolve();
      });
    });
    await edge.ask(get(port));
    await ended.promise;
  });
});

describe('absolute-URI requests: bulk', () => {
  const MEGABYTES = 24;
  const chunk = Buffer.alloc(1_048_576, 'culvert ');
  const expected = createHash('sha256');
  for (let n = 0; n < MEGABYTES; n += 1) expected.update(chunk);
  const digest = expected.digest('hex');

  it('downloads byte for byte, in step with a slow reader', async () => {
    await using edge = await EdgeSetup.start();
    let written = 0;
    const port = await edge.web(async (_request, response) => {
      for (let n = 0; n < MEGABYTES; n += 1) {
        written += 1;
        if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const client = await edge.client();
    client.socket.removeAllListeners('data');
    client.socket.pause();
    client.send(get(port).replace('HTTP/1.1', 'HTTP/1.0'));
    await edge.line('connection.open');
    await stalls(() => written);
    assert.ok(written < MEGABYTES, 'the target was not held back');
    const hash = createHash('sha256');
    let head = true;
    for await (const data of client.socket as AsyncIterable<Buffer>) {
      hash.update(head ? data.subarray(data.indexOf('\r\n\r\n') + 4) : data);
      head = false;
    }
    assert.equal(hash.digest('hex'), digest);
  });

  it('uploads byte for byte, in step with a slow target', async () => {
    await using edge = await EdgeSetup.start();
    const go = Promise.withResolvers<void>();
    const port = await edge.web(async (request, response) => {
      await go.promise;
      const hash = createHash('sha256');
      for await (const data of request) hash.update(data);
      response.end(hash.digest('hex'));
    });
    const client = await edge.client();
    client.send(post(port, `Content-Length: ${MEGABYTES * chunk.length}\r\n`));
    for (let n = 0; n < MEGABYTES; n += 1) client.socket.write(chunk);
    await stalls(() => client.socket.bytesWritten - client.socket.writableLength);
    assert.ok(client.socket.writableLength > 0, 'the browser was not held back');
    go.resolve();
    assert.equal((await client.answer()).body, digest);
  });
});

/** Resolves when `measure` has not changed for a while. */
async function stalls(measure: () => number): Promise<void> {
  let last = -1;
  for (let same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = measure();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}
