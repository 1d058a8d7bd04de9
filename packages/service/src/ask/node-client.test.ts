import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { NodeClient } from './node-client.ts';

/** A node's admin address whose answers are written by `answer`. */
async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    admin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const client = new NodeClient({ key: 'k', deadlineMs: 300 });

describe('asking a node', () => {
  it('takes "not ready" for an answer', async () => {
    const body = { ready: false, reasons: ['the node is starting'] };
    await using node = await answering((_, response) => void response.writeHead(503).end(JSON.stringify(body)));
    assert.deepEqual(await client.readiness(node.admin), body);
  });

  it('passes on why an order was refused', async () => {
    const body = JSON.stringify({ code: 'fenced', detail: 'a newer one was here' });
    await using node = await answering((_, response) => void response.writeHead(409).end(body));
    await assert.rejects(client.drain(node.admin, { stage: 'busy', fence: 1 }), { code: 'fenced', message: /newer/ });
  });

  it('sends the whole order, with the key of the cluster', async () => {
    const got = Promise.withResolvers<{ path: string | undefined; key: string | undefined; body: string }>();
    await using node = await answering(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      got.resolve({ path: request.url, key: request.headers.authorization, body });
      response.writeHead(202).end('{}');
    });
    const order = { deployment: 'd_1', fence: 7, key: 'd_1/g/busy/1', deadlineMs: 1_000 };
    await client.retire(node.admin, order);
    assert.deepEqual(await got.promise, { path: '/retire', key: 'Bearer k', body: JSON.stringify(order) });
  });

  it('takes nothing for an answer that the contract does not know', async () => {
    await using node = await answering((_, response) => void response.end('{"items":[{"node":1}],"detached":0}'));
    await assert.rejects(client.edgeLinks(node.admin), { code: 'node_unreachable' });
  });

  it('gives up when it is told to', async () => {
    await using node = await answering(() => undefined);
    await assert.rejects(client.stats(node.admin, AbortSignal.abort()), { code: 'node_unreachable' });
  });
});
