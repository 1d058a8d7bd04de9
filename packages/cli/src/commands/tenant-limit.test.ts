import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { limitTenant } from './tenant-limit.ts';

describe('culvert tenants limit', () => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${await text(request)}`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'acme', limits: { sessions: 5, connectionsPerSession: 70 } }));
  });
  let api = '';
  const said: string[] = [];
  const context = { stdout: { write: (words: string) => void said.push(words) } } as never;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    api = `http://127.0.0.1:${address.port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const limit = (flags: object) => limitTenant('acme', { api, key: 'ck_test', ...flags }, context);

  it('changes what is named', async () => {
    await limit({ sessions: '5' });
    await limit({ connections: '70' });
    assert.deepEqual(asked, [
      'PATCH /v1/tenants/acme {"limits":{"sessions":5}}',
      'PATCH /v1/tenants/acme {"limits":{"connectionsPerSession":70}}',
    ]);
    assert.match(said[0] ?? '', /^acme may have 5 sessions at one time, each with 70 connections\n$/);
  });

  it('asks nothing of the API unless it makes sense', async () => {
    const before = asked.length;
    await assert.rejects(limit({}), /name the limit/);
    await assert.rejects(limit({ sessions: '1.5' }), /--sessions: "1.5" is no whole number of 0 or more/);
    await assert.rejects(limit({ connections: '0' }), /no whole number of 1 or more/);
    assert.equal(asked.length, before);
  });
});
