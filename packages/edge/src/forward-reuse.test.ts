import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { AUTH, EdgeSetup, SESSION } from './testing/edge-setup.ts';
import { get, OK, scripted } from './testing/targets.ts';

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
