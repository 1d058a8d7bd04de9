import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { Pattern } from '../../support/targets/pattern.ts';
import { startTcpTarget, startWebTarget, type Target } from '../../support/targets/target.ts';
import { HOST, Path, WAYS } from './setup.ts';

const CLIENTS = 200;
const REQUESTS_EACH = 4;

describe('HTTP by absolute URI', { timeout: 90_000 }, () => {
  let path: Path;
  before(async () => {
    path = await Path.open();
  });
  after(() => path.end());

  for (const way of WAYS) {
    describe(`through the ${way} address`, () => {
      it('chunked content and trailers both ways', async () => {
        await using target = await startWebTarget(async (asked, response) => {
          const content = await text(asked);
          response.writeHead(200, { trailer: 'X-Check' });
          response.write(`${asked.headers['transfer-encoding']} ${content} `);
          response.addTrailers({ 'X-Check': `got ${asked.trailers['x-sum']}` });
          response.end('done');
        });
        const client = await path.client(way);
        client.send(path.head('POST', target.port, '/', ['Transfer-Encoding: chunked', 'Trailer: X-Sum']));
        client.send('3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n');
        const head = await client.takeThrough('\r\n\r\n');
        assert.match(head, /\r\nTransfer-Encoding: chunked\r\n/i);
        const body = await client.takeThrough('\r\n\r\n');
        const chunks = body.split('\r\n').filter((_line, at) => at % 2 === 1);
        assert.equal(chunks.join('').replace('X-Check: got 6', ''), 'chunked onetwo done');
        assert.match(body, /\r\n0\r\nX-Check: got 6\r\n\r\n$/);
        client.close();
      });

      it('Expect: 100-continue: the target’s word comes before the content is sent', async () => {
        await using target = await startExpecting((asked, response) => {
          response.writeContinue();
          void text(asked).then((content) => response.end(`thanks for ${content}`));
        });
        const client = await path.client(way);
        client.send(path.head('PUT', target.port, '/', ['Expect: 100-continue', 'Content-Length: 5']));
        assert.equal((await client.answer()).status, 100);
        client.send('bytes');
        const { status, body } = await client.answer();
        assert.deepEqual([status, body], [200, 'thanks for bytes']);
        client.close();
      });

      for (const refused of [417, 413]) {
        it(`Expect: 100-continue: a ${refused} is final, and the content is never asked for`, async () => {
          await using target = await startExpecting((_asked, response) => {
            response.writeHead(refused, { connection: 'close', 'content-length': 2 }).end('no');
          });
          const client = await path.client(way);
          client.send(path.head('PUT', target.port, '/', ['Expect: 100-continue', 'Content-Length: 5']));
          const { status, body, headers } = await client.answer();
          assert.deepEqual([status, body, headers['x-culvert-error']], [refused, 'no', undefined]);
          client.close();
        });
      }

      it('HEAD, 204 and 304 have no content, and the connection goes on', async () => {
        await using target = await startWebTarget((asked, response) => {
          const status = Number(asked.url?.slice(1));
          response.writeHead(status, status === 200 ? { 'content-length': 12 } : { etag: '"1"' });
          response.end(status === 200 ? 'twelve bytes' : undefined);
        });
        const client = await path.client(way);
        client.send(path.head('HEAD', target.port, '/200'));
        const { status, headers } = await client.answer({ head: true });
        assert.deepEqual([status, headers['content-length']], [200, '12']);
        for (const empty of [204, 304]) {
          client.send(path.head('GET', target.port, `/${empty}`));
          const answer = await client.answer();
          assert.equal(answer.status, empty);
          assert.equal(answer.headers.etag, '"1"');
          assert.equal(answer.headers['transfer-encoding'], undefined);
        }
        client.send(path.head('GET', target.port, '/200'));
        assert.equal((await client.answer()).body, 'twelve bytes');
        client.close();
      });

      it('fields that concern the proxy alone do not pass', async () => {
        await using target = await startWebTarget((asked, response) => {
          response.writeHead(200, {
            connection: 'x-hop, keep-alive',
            'x-hop': '1',
            'x-culvert-error': 'target_denied',
          });
          response.end(asked.rawHeaders.join('\n'));
        });
        const client = await path.client(way);
        client.send(
          path.head('GET', target.port, '/', [
            'Proxy-Connection: keep-alive',
            'Keep-Alive: timeout=5',
            'Connection: keep-alive, X-Mine',
            'X-Mine: 1',
            'X-Theirs: 2',
            'Upgrade: h2c',
          ]),
        );
        const { headers, body } = await client.answer();
        assert.match(body, /^Host\napp\.internal:\d+$/m);
        assert.match(body, /^X-Theirs\n2$/m);
        assert.doesNotMatch(body, /proxy|timeout=5|x-mine|upgrade/i);
        assert.deepEqual([headers['x-hop'], headers['x-culvert-error']], [undefined, undefined]);
        client.close();
      });

      it('pipelined requests are answered in their order', async () => {
        await using target = await startWebTarget((asked, response) => void response.end(asked.url));
        const client = await path.client(way);
        const paths = ['/first', '/second', '/third'];
        client.send(paths.map((each) => path.head('GET', target.port, each)).join(''));
        for (const each of paths) assert.equal((await client.answer()).body, each);
        client.close();
      });

      it('a server-sent event arrives before the next one is sent', async () => {
        let stream: ServerResponse | undefined;
        await using target = await startWebTarget((_asked, response) => {
          stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.flushHeaders();
        });
        const client = await path.client(way);
        client.send(path.head('GET', target.port));
        assert.match(await client.takeThrough('\r\n\r\n'), /text\/event-stream/);
        for (const event of ['data: one\n\n', 'data: two\n\n', 'data: three\n\n']) {
          stream?.write(event);
          assert.match(await client.takeThrough('\n\n'), new RegExp(event.trim()));
        }
        client.close();
        await eventually('the end of the target’s stream', () => stream?.closed);
      });

      it('a browser that breaks off a download breaks off the target', async () => {
        const page = new Pattern(1 << 20);
        const broken = Promise.withResolvers<unknown>();
        await using target = await startWebTarget((_asked, response) => {
          page.sendEndlesslyTo(response).catch(broken.resolve);
        });
        const client = await path.client(way);
        client.send(path.head('GET', target.port));
        await client.take(100_000);
        client.close();
        assert.ok((await broken.promise) instanceof Error);
        await eventually('the end of the target’s connection', () => target.sockets.size === 0);
      });

      it('content that the target delimits by closing arrives whole', async () => {
        await using target = await startTcpTarget((socket) => {
          socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
        });
        const client = await path.client(way);
        client.send(path.head('GET', target.port));
        assert.match((await client.answer()).body, /all of it\r\n0\r\n\r\n$/);
        client.close();
      });

      for (const [what, head] of [
        ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
        ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
      ] as const) {
        for (const how of ['end', 'reset'] as const) {
          it(`a target that ${how}s in the middle of content ${what}: the browser sees that it is not whole`, async () => {
            let socket: Socket | undefined;
            await using target = await startTcpTarget((accepted) => {
              socket = accepted;
              accepted.once('data', () => accepted.write(head));
            });
            const client = await path.client(way);
            client.send(path.head('GET', target.port));
            const seen = await client.takeThrough('half');
            assert.match(seen, /^HTTP\/1\.1 200 OK\r\n/);
            if (how === 'end') socket?.end();
            else socket?.resetAndDestroy();
            // The length is not reached, or the last chunk does not come: RFC 9112 §8 calls both incomplete.
            assert.match(await client.takeAll(), /^(\r\n)?$/);
          });
        }
      }

      it(`${CLIENTS} keep-alive clients at once, each on one connection all the way`, async () => {
        await using target = await startWebTarget((asked, response) => void response.end(`${asked.url}!`));
        const proxy = new URL(path.proxy(way));
        const client = async (number: number): Promise<void> => {
          const agent = new Agent({ keepAlive: true, maxSockets: 1 });
          for (let count = 0; count < REQUESTS_EACH; count += 1) {
            const url = `/${number}/${count}`;
            const call = request({
              agent,
              host: proxy.hostname,
              port: proxy.port,
              path: `http://${HOST}:${target.port}${url}`,
              headers: { host: `${HOST}:${target.port}`, 'proxy-authorization': path.authorization },
            });
            const answered = once(call.end(), 'response');
            const [response]: IncomingMessage[] = await answered;
            assert.ok(response);
            assert.deepEqual([response.statusCode, await text(response)], [200, `${url}!`]);
            assert.equal(call.reusedSocket, count > 0);
          }
          agent.destroy();
        };
        await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
        assert.equal(target.accepted, CLIENTS);
      });
    });
  }

  it('leaves nothing open', () => path.expectNothingLeft());
});

/** An application that is asked by `Expect: 100-continue`, and answers as `answer` does. */
function startExpecting(answer: (asked: IncomingMessage, response: ServerResponse) => void): Promise<Target> {
  return startWebTarget(
    (_asked, response) => void response.writeHead(500).end('Expect did not get here'),
    (server) => server.on('checkContinue', answer),
  );
}
