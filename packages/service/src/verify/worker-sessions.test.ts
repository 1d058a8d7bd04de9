import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { WorkerSessions } from './worker-sessions.ts';

/** A worker's admin address whose answers are written by `answer`. */
async function answering(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const server = createServer((request, response) => answer(response, request)).listen(0, '127.0.0.1');
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

const item = { id: 's', tenant: 'acme', state: 'idle', epoch: 7, connections: 0 };
const client = new WorkerSessions({ key: 'k', deadlineMs: 300, maxBytes: 1_000 });

describe('asking a worker for all its sessions', () => {
  it('keeps what a comparison needs, also of one that is being claimed', async () => {
    await using worker = await answering((response, { method, url, headers }) => {
      assert.deepEqual([method, url, headers.authorization], ['GET', '/sessions?canary=true', 'Bearer k']);
      const claimed = { ...item, id: 't', state: 'connecting', epoch: null };
      response.end(JSON.stringify({ items: [{ ...item, name: null, labels: { a: 'b' }, bytesIn: 1 }, claimed] }));
    });
    const { id, ...kept } = item;
    const expected = new Map<string, object>([
      [id, kept],
      ['t', { ...kept, state: 'connecting', epoch: null }],
    ]);
    assert.deepEqual(await client.list(worker.admin), expected);
  });

  it('takes nothing else for an answer', async () => {
    const strange = [
      [null],
      [1],
      [{ ...item, id: 1 }],
      [{ ...item, connections: '0' }],
      [{ ...item, epoch: undefined }],
    ];
    for (const body of [
      'hello',
      '',
      '{}',
      '{"items":1}',
      'null',
      ...strange.map((items) => JSON.stringify({ items })),
    ]) {
      await using worker = await answering((response) => void response.end(body));
      await assert.rejects(
        client.list(worker.admin),
        { code: 'node_unreachable', message: 'it answers something else than its sessions' },
        body,
      );
    }
  });

  it('says why there is none', async () => {
    const refused = { code: 'node_unreachable', message: 'it answers 401' };
    await using locked = await answering((response) => void response.writeHead(401).end('{"items":[]}'));
    await assert.rejects(client.list(locked.admin), refused);
    await using frozen = await answering((response) => void response.writeHead(200).write('{"items":'));
    await assert.rejects(client.list(frozen.admin), { message: 'no answer within 300 ms' });
    await assert.rejects(client.list('http://127.0.0.1:9'), {
      code: 'node_unreachable',
      message: /ECONNREFUSED|bad port/,
    });
  });

  it('reads no more than it may', async () => {
    await using worker = await answering(
      (response) => void response.end(JSON.stringify({ items: Array(50).fill(item) })),
    );
    await assert.rejects(client.list(worker.admin), { message: 'its answer is longer than 1000 bytes' });
  });

  it('takes its key nowhere else', async () => {
    let asked = 0;
    await using other = await answering((response) => {
      asked += 1;
      response.end('{"items":[]}');
    });
    await using worker = await answering(
      (response) => void response.writeHead(307, { location: `${other.admin}/sessions` }).end(),
    );
    await assert.rejects(client.list(worker.admin), { code: 'node_unreachable' });
    assert.equal(asked, 0);
  });

  it('gives up when it is told to', async () => {
    await using frozen = await answering(() => undefined);
    const patient = new WorkerSessions({ key: 'k', deadlineMs: 60_000 });
    const controller = new AbortController();
    const asked = patient.list(frozen.admin, controller.signal);
    controller.abort();
    await assert.rejects(asked, { code: 'node_unreachable' });
  });
});
