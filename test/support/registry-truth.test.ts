import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ApiClient } from '@culvert/local';
import { expectRegistryTrue } from './registry-truth.ts';

const answer = (unsettled: number, ...items: object[]) => ({
  checked: { sessions: 1, workers: 1, unsettled },
  recovering: false,
  items,
});
const missing = { kind: 'missing', severity: 'error', session: 's_1', directory: 'has no entry', truth: 'w1 has it' };
const vacant = { kind: 'vacant', severity: 'information', session: 's_2', directory: 'says so', truth: 'nobody' };

describe('expecting the registry to be true', () => {
  /** What the API answers, one after the other; the last one for ever. undefined: it hangs. */
  let answers: ({ status: number; body: object } | undefined)[] = [];
  let asked = 0;
  let server: Server;
  let api: ApiClient;

  before(async () => {
    server = createServer((_request, response) => {
      asked += 1;
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next === undefined) return;
      response.writeHead(next.status, { 'content-type': 'application/json' }).end(JSON.stringify(next.body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    api = new ApiClient(`http://127.0.0.1:${address.port}`, 'k');
  });
  beforeEach(() => {
    asked = 0;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  it('is over at the first answer without an error', async () => {
    answers = [{ status: 200, body: answer(0, vacant) }];
    await expectRegistryTrue({ api }, { withinMs: 10_000 });
    assert.equal(asked, 1);
  });

  it('asks again after differences, changes, an API that is away, and while not every worker is known', async () => {
    answers = [
      { status: 503, body: { code: 'registry_unavailable' } },
      { status: 200, body: answer(0, missing) },
      { status: 200, body: answer(2) },
      { status: 200, body: { ...answer(0), recovering: true } },
      { status: 200, body: { ...answer(0), checked: { sessions: 0, workers: 0, unsettled: 0 } } },
      { status: 200, body: answer(0) },
    ];
    await expectRegistryTrue({ api }, { withinMs: 10_000 });
    assert.equal(asked, 6);
  });

  it('fails with the differences in words, the last that it heard', async () => {
    const words = /not true within 700 ms:\nmissing s_1: the registry has no entry; w1 has it$/;
    answers = [{ status: 200, body: answer(0, missing, vacant) }];
    await assert.rejects(expectRegistryTrue({ api }, { withinMs: 700 }), words);
    answers = [{ status: 200, body: answer(0, missing) }, undefined];
    await assert.rejects(expectRegistryTrue({ api }, { withinMs: 700 }), words);
  });

  it('fails when it never heard', async () => {
    answers = [undefined];
    await assert.rejects(expectRegistryTrue({ api }, { withinMs: 100 }), /never compared/);
  });
});
