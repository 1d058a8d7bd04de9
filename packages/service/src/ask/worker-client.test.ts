import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { WorkerClient } from './worker-client.ts';

/** A worker's admin address whose answers are written by `answer`. */
async function answering(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
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

const client = new WorkerClient({ key: 'k', deadlineMs: 200 });
const unreachable = { code: 'node_unreachable' };

describe('asking a worker', () => {
  it('gives up on one that freezes in the middle of its answer', async () => {
    await using worker = await answering((response) => void response.writeHead(200).write('{"items":'));
    await assert.rejects(client.blockers(worker.admin), unreachable);
  });

  it('does not take what is no answer of a worker for one', async () => {
    for (const [status, body] of [
      [200, 'hello'],
      [200, ''],
      [502, '<html>'],
      [500, '{"code":"of a later release"}'],
    ] as const) {
      await using worker = await answering((response) => void response.writeHead(status).end(body));
      await assert.rejects(client.blockers(worker.admin), unreachable, `${status} ${body}`);
    }
  });

  it('takes its key nowhere else', async () => {
    let asked = 0;
    await using other = await answering((response) => {
      asked += 1;
      response.end('{"items":[]}');
    });
    await using worker = await answering(
      (response) => void response.writeHead(307, { location: `${other.admin}/blockers` }).end(),
    );
    await assert.rejects(client.blockers(worker.admin), unreachable);
    assert.equal(asked, 0);
  });
});
