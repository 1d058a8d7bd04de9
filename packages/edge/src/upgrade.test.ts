import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup } from './testing/edge-setup.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const handshake = (port: number, scheme = 'http', fields = ''): string =>
  `GET ${scheme}://app.internal:${port}/chat HTTP/1.1\r\nHost: x\r\n${AUTH}Connection: keep-alive, Upgrade\r\n` +
  `Upgrade: WebSocket\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${fields}\r\n`;
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n';

/** A target that answers the handshake with fixed bytes and then echoes. */
async function target(edge: EdgeSetup, answer: string) {
  const heads: string[] = [];
  const port = await edge.tcp((socket) => {
    let head = '';
    socket.on('data', (chunk: Buffer) => {
      if (head.includes('\r\n\r\n')) {
        socket.write(chunk);
        return;
      }
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      heads.push(head.slice(0, end + 4));
      socket.write(answer + head.slice(end + 4), 'latin1');
    });
    socket.on('end', () => socket.end());
  });
  return { port, heads };
}

describe('WebSocket by absolute URI', () => {
  for (const scheme of ['http', 'ws']) {
    it(`passes the handshake of ${scheme}: on, then bytes both ways`, async () => {
      await using edge = await EdgeSetup.start();
      const { port, heads } = await target(edge, `${SWITCH}welcome`);
      const client = await edge.client();
      client.send(`${handshake(port, scheme)}early`);
      const answer = await client.takeThrough('\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
      assert.match(answer, /\r\nSec-WebSocket-Accept: x\r\n/);
      assert.equal(answer.match(/^(Connection|Upgrade):/gim)?.length, 2);
      assert.equal(await client.take(12), 'welcomeearly');
      client.send('hello');
      assert.equal(await client.take(5), 'hello');
      const [head = ''] = heads;
      assert.match(head, new RegExp(`^GET /chat HTTP/1\\.1\r\nHost: app\\.internal:${port}\r\n`));
      assert.match(head, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
      assert.doesNotMatch(head, /proxy/i);
      assert.equal(edge.agent.opened[0]?.kind, 'websocket');
    });
  }

  it('ends both sides when one ends', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await target(edge, SWITCH);
    const client = await edge.client();
    client.send(handshake(port));
    await client.takeThrough('\r\n\r\n');
    client.end('bye');
    assert.equal(await client.takeAll(), 'bye');
    await edge.agent.idle();
  });

  it('breaks the target off when the browser resets', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await target(edge, SWITCH);
    const client = await edge.client();
    client.send(handshake(port));
    await client.takeThrough('\r\n\r\n');
    client.socket.resetAndDestroy();
    await edge.agent.idle();
  });

  it('breaks the browser off when the target is lost', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await target(edge, SWITCH);
    const client = await edge.client();
    client.send(handshake(port));
    await client.takeThrough('\r\n\r\n');
    edge.agent.lose();
    await client.takeAll();
  });

  it('passes an answer other than 101 on, and closes', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await target(edge, 'HTTP/1.1 403 Forbidden\r\nX-Why: origin\r\nContent-Length: 2\r\n\r\nno');
    const { status, headers, body, client } = await edge.ask(handshake(port));
    assert.deepEqual([status, headers['x-why'], body, headers.connection], [403, 'origin', 'no', 'close']);
    assert.equal(await client.takeAll(), '');
    await edge.agent.idle();
  });

  it('answers 502 when the target does not answer in HTTP', async () => {
    await using edge = await EdgeSetup.start();
    const { port } = await target(edge, 'nonsense\r\n\r\n');
    const { status, headers } = await edge.ask(handshake(port));
    assert.deepEqual([status, headers['x-culvert-error']], [502, 'target_invalid_response']);
  });

  it('gives up when the browser leaves before the answer', async () => {
    await using edge = await EdgeSetup.start();
    const asked = Promise.withResolvers<void>();
    const port = await edge.tcp((socket) => socket.once('data', () => asked.resolve()));
    const client = await edge.client();
    client.send(handshake(port));
    await asked.promise;
    client.socket.resetAndDestroy();
    await edge.agent.idle();
  });

  it('needs credentials', async () => {
    await using edge = await EdgeSetup.start();
    const { status, headers } = await edge.ask(handshake(80).replace(AUTH, ''));
    assert.deepEqual([status, headers['x-culvert-error']], [407, 'proxy_auth_required']);
  });

  it('with content is no upgrade: it goes on as an ordinary request', async () => {
    await using edge = await EdgeSetup.start();
    const port = await edge.web((request, response) => response.end(String(request.headers.upgrade)));
    const { body } = await edge.ask(`${handshake(port, 'http', 'Content-Length: 3\r\n')}abc`);
    assert.match(body, /undefined/);
  });

  it('has no timeout', async () => {
    await using edge = await EdgeSetup.start({ proxy: { keepAliveTimeoutMs: 20, headersTimeoutMs: 40 } });
    const { port } = await target(edge, SWITCH);
    const client = await edge.client();
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n'); // arms the keep-alive timeout
    await client.answer();
    client.send(handshake(port));
    await client.takeThrough('\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    client.send('still');
    assert.equal(await client.take(5), 'still');
  });
});
