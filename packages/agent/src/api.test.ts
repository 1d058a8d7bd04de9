import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { problem, sessionAnswer, startFakeApi } from '../test/fakes.ts';
import { RoutingApi } from './api.ts';

const never = new AbortController().signal;
const apiAt = (url: string): RoutingApi => new RoutingApi({ url: new URL(url), key: 'k_secret', ca: undefined });

test('sends the key and the session, reads the offer', async () => {
  const server = await startFakeApi(() => sessionAnswer('s_1'));
  const offer = await apiAt(server.url).openSession({ name: 'demo', labels: { team: 'a' }, agentId: 'a_1' }, never);
  assert.deepEqual(server.calls, [
    {
      method: 'POST',
      path: '/v1/sessions',
      authorization: 'Bearer k_secret',
      body: { name: 'demo', labels: { team: 'a' }, agentId: 'a_1' },
    },
  ]);
  assert.equal(offer.id, 's_1');
  assert.deepEqual(offer.link, {
    url: 'ws://w1.test/link',
    ticket: 'ticket-1',
    node: 'w1',
    expiresAtMs: Date.parse('2030-01-01T00:00:00Z'),
  });
  await server.close();
});

test('keeps a path before /v1, and escapes ids', async () => {
  const server = await startFakeApi(() => ({ status: 201, body: { link: { url: 'ws://w.test', ticket: 't' } } }));
  const api = apiAt(`${server.url}/culvert`);
  const link = await api.place('s/1', { lastEpoch: 7, exclude: ['w1'], agentId: 'a_1' }, never);
  assert.equal(server.calls[0]?.path, '/culvert/v1/sessions/s%2F1/placements');
  assert.deepEqual(server.calls[0]?.body, { lastEpoch: 7, exclude: ['w1'], agentId: 'a_1' });
  assert.deepEqual(link, { url: 'ws://w.test', ticket: 't', node: undefined, expiresAtMs: 0 });
  await server.close();
});

test('a problem answer becomes its code, with Retry-After', async () => {
  const server = await startFakeApi(() => problem(503, 'no_worker_available', { 'retry-after': '7' }));
  await assert.rejects(apiAt(server.url).openSession({ labels: {}, agentId: 'a_1' }, never), {
    code: 'no_worker_available',
    message: 'no_worker_available, says the test',
    retryAfterSeconds: 7,
  });
  await server.close();
});

test('an answer that is not of our API is api_unreachable, whatever it says: no final conclusion', async () => {
  const html = { 'content-type': 'text/html' };
  for (const reply of [
    { status: 401, headers: html },
    { status: 403, headers: html },
    { status: 502, headers: html },
    { status: 200, headers: html },
    { status: 201, body: { id: 's_1' } },
    { status: 401, headers: { 'content-type': 'application/json' }, body: { code: 'key_revoked' } },
    { status: 404, body: { code: 'never_heard_of' } },
  ]) {
    const server = await startFakeApi(() => reply);
    await assert.rejects(apiAt(server.url).openSession({ labels: {}, agentId: 'a_1' }, never), {
      code: 'api_unreachable',
    });
    await server.close();
  }
});

test('an answer without end is cut off', async () => {
  const server = await startFakeApi(() => ({ status: 201, body: { id: 'x'.repeat(2_000_000) } }));
  await assert.rejects(apiAt(server.url).openSession({ labels: {}, agentId: 'a_1' }, never), /more than 1048576 bytes/);
  await server.close();
});

test('no server, or one that speaks no HTTP, is told in words', async () => {
  const silent = createServer((socket) => {
    socket
      .on('error', () => socket.destroy())
      .resume()
      .end('hello\r\n');
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  assert(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}`;
  await assert.rejects(apiAt(url).openSession({ labels: {}, agentId: 'a_1' }, never), { code: 'api_unreachable' });
  await new Promise((resolve) => silent.close(resolve));
  await assert.rejects(apiAt(url).openSession({ labels: {}, agentId: 'a_1' }, never), {
    code: 'api_unreachable',
    message: `the API at ${url}/ refuses connections (ECONNREFUSED)`,
  });
});

test('an aborted call rejects with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('moved on');
  const server = await startFakeApi(() => {
    controller.abort(reason);
    return new Promise(() => undefined);
  });
  await assert.rejects(apiAt(server.url).openSession({ labels: {}, agentId: 'a_1' }, controller.signal), reason);
  await server.close();
});
