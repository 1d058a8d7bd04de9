import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import WebSocket, { WebSocketServer } from 'ws';
import { eventually } from '../../support/eventually.ts';
import { Pattern } from '../../support/targets/pattern.ts';
import { startTcpTarget, startWebTarget, type Target } from '../../support/targets/target.ts';
import { HOST, Path, WAYS, type Way } from './setup.ts';

describe('tunnels', { timeout: 60_000 }, () => {
  const page = new Pattern(1 << 20);
  let path: Path;
  before(async () => {
    path = await Path.open();
  });
  after(() => path.end());

  for (const way of WAYS) {
    describe(`CONNECT through the ${way} address`, () => {
      it('the browser ends first and still gets the answer', async () => {
        await using target = await startTcpTarget((socket) => {
          let asked = '';
          socket.on('data', (chunk) => {
            asked += chunk;
          });
          socket.on('end', () => socket.end(`you said ${asked}`));
        });
        const client = await path.rawTunnel(way, target.port);
        client.end('hello');
        assert.equal(await client.takeAll(), 'you said hello');
      });

      it('the target ends first and still gets the rest', async () => {
        const heard = Promise.withResolvers<string>();
        await using target = await startTcpTarget((socket) => {
          let text = '';
          socket.end('that is all');
          socket.on('data', (chunk) => {
            text += chunk;
          });
          socket.on('end', () => heard.resolve(text));
        });
        const client = await path.rawTunnel(way, target.port);
        assert.equal(await client.takeAll(), 'that is all');
        client.send('but I ');
        client.end('go on');
        assert.equal(await heard.promise, 'but I go on');
      });

      it('a browser that breaks off breaks off the target', async () => {
        const broken = Promise.withResolvers<unknown>();
        await using target = await startTcpTarget((socket) => {
          page.sendEndlesslyTo(socket).catch(broken.resolve);
        });
        const client = await path.rawTunnel(way, target.port);
        await client.take(100_000);
        client.close();
        assert.ok((await broken.promise) instanceof Error);
        await eventually('the end of the target’s socket', () => target.sockets.size === 0);
      });

      it('a target that resets resets the browser', async () => {
        await using target = await startTcpTarget((socket) => {
          socket.write('hel');
          socket.once('data', () => socket.resetAndDestroy());
        });
        const client = await path.rawTunnel(way, target.port);
        assert.equal(await client.take(3), 'hel');
        client.send('now');
        await client.takeAll();
        assert.equal(codeOf(client.error), 'ECONNRESET');
      });
    });

    describe(`WebSocket through the ${way} address`, () => {
      for (const form of ['absolute URI', 'CONNECT'] as const) {
        it(`echoes by ${form}, and closes with the code that was given`, async () => {
          await using target = await startEcho();
          const socket = form === 'CONNECT' ? await insideTunnel(way, target) : byAbsoluteUri(way, target);
          await once(socket, 'open');
          assert.equal(socket.protocol, 'echo');
          for (const message of [Buffer.from('hello'), page.whole(), Buffer.alloc(0)]) {
            const answer = once(socket, 'message');
            socket.send(message);
            assert.deepEqual((await answer)[0], message);
          }
          const pong = once(socket, 'pong');
          socket.ping('are you there');
          assert.equal(String((await pong)[0]), 'are you there');
          const closed = once(socket, 'close');
          socket.close(4001, 'enough');
          const [code, reason] = await closed;
          assert.deepEqual([code, String(reason)], [4001, 'enough']);
        });
      }
    });
  }

  it('leaves nothing open', () => path.expectNothingLeft());

  async function insideTunnel(way: Way, target: Target): Promise<WebSocket> {
    const socket = await path.tunnel(way, target.port);
    return new WebSocket(`ws://${HOST}:${target.port}/`, ['echo'], { createConnection: () => socket });
  }

  function byAbsoluteUri(way: Way, target: Target): WebSocket {
    const proxy = new URL(path.proxy(way));
    const url = `ws://${HOST}:${target.port}/`;
    return new WebSocket(url, ['echo'], {
      createConnection: () => connect(Number(proxy.port), proxy.hostname),
      headers: { 'proxy-authorization': path.authorization },
      finishRequest: (request) => {
        request.path = url;
        request.end();
      },
    });
  }
});

/** A WebSocket application that says everything back, and closes as it was closed. */
async function startEcho(): Promise<Target> {
  const echo = new WebSocketServer({ noServer: true });
  echo.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  return startWebTarget(
    (_request, response) => void response.writeHead(426).end(),
    (server) =>
      server.on('upgrade', (request, socket: Socket, head) => {
        echo.handleUpgrade(request, socket, head, (client) => echo.emit('connection', client, request));
      }),
  );
}

function codeOf(error: Error | undefined): unknown {
  return error !== undefined && 'code' in error ? error.code : error;
}
