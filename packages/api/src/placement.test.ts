import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinkOffer, OpenedSession, Rebalance, Tenant } from '@culvert/contracts';
import { verifyTicket } from '@culvert/service';
import { secret, standInWorker, TestApi } from './testing/start-api.ts';

const open = (api: TestApi, key: string) => api.ask<OpenedSession>('POST', '/v1/sessions', { key, body: {} });
const pin = (api: TestApi, body: object) => api.ask<Tenant>('PUT', '/v1/tenants/acme/pin', { body });

describe('places for agents', () => {
  it('are kept: of agents that come at the same time, none is sent to a worker that has room for another only', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    for (const id of ['w1', 'w2', 'w3']) await api.node(id, { capacity: 2 });
    const opened = await Promise.all(Array.from({ length: 7 }, () => open(api, key)));
    const nodes = opened.filter(({ status }) => status === 201).map(({ body }) => body.link.node);
    assert.deepEqual(nodes.toSorted(), ['w1', 'w1', 'w2', 'w2', 'w3', 'w3']);
    const refused = opened.filter(({ status }) => status !== 201);
    assert.deepEqual(
      refused.map(({ status, body }) => [status, 'code' in body && body.code]),
      [[503, 'no_worker_available']],
    );
    assert.match(refused[0]?.text ?? '', /Pool default is full/);
    assert.ok(Number(refused[0]?.headers.get('retry-after')) >= 2);
  });

  it('have slots: the ticket names it, and its time counts from then; beyond the horizon agents come again', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('w1', { admissionRate: 1, capacity: 100 });
    const links: LinkOffer[] = [];
    const since = performance.now();
    let last = await open(api, key);
    // A burst of 2 s, then one per second as far as the horizon of 10 s.
    while (last.status === 201 && links.length < 100) {
      links.push(last.body.link);
      last = await open(api, key);
    }
    const tookMs = performance.now() - since;
    assert.ok(links.length >= 12, `${links.length} slots`);
    assert.deepEqual([links[0]?.delayMs, links[1]?.delayMs], [undefined, undefined]);
    for (const [at, { delayMs = 0, ticket: token, expiresAt }] of links.slice(2).entries()) {
      const least = (at + 1) * 1_000 - tookMs - 1;
      assert.ok(delayMs <= (at + 1) * 1_000 && delayMs >= least, `${at}: ${delayMs} ms`);
      const ticket = verifyTicket(secret, token, { node: 'w1', now: Date.now() });
      assert.ok(ticket.kind === 'agent' && ticket.slotAt !== undefined);
      assert.ok(Math.abs(ticket.slotAt - Date.now() - delayMs) <= tookMs + 100);
      assert.equal(ticket.expiresAt, ticket.slotAt + 60_000);
      assert.equal(Date.parse(expiresAt), ticket.expiresAt);
    }
    assert.deepEqual([last.status, 'code' in last.body && last.body.code], [503, 'overloaded']);
    const again = Number(last.headers.get('retry-after'));
    assert.ok(again >= 1 && again <= 11, `${again} s`);
  });
});

describe('a pin', () => {
  it('says what becomes of a session when the pool is full: it waits, or goes to other pools', async () => {
    await using api = await TestApi.start();
    const key = await api.tenant('acme');
    await api.node('own', { pool: 'own', capacity: 1 });
    await api.node('else', { pool: 'else', capacity: 1 });
    await api.node('third', { pool: 'third', capacity: 1 });
    const node = async () => (await open(api, key)).body.link?.node;
    const pinned = await pin(api, { pool: 'own' });
    assert.deepEqual([pinned.body.pool, pinned.body.whenFull, pinned.body.spill], ['own', 'wait', []]);
    assert.deepEqual([await node(), await node()], ['own', undefined]);
    const spilling = await pin(api, { pool: 'own', whenFull: 'spill', spill: ['else', 'third'] });
    assert.deepEqual([spilling.body.whenFull, spilling.body.spill], ['spill', ['else', 'third']]);
    assert.deepEqual([await node(), await node(), await node()], ['else', 'third', undefined]);
    const shown = await api.ask<Tenant>('GET', '/v1/tenants/acme');
    assert.deepEqual(shown.body, spilling.body);
    assert.equal((await pin(api, { pool: 'own' })).body.whenFull, 'wait', 'a new pin says it all anew');
    await pin(api, { pool: 'own', spill: ['else'] });
    await api.ask('DELETE', '/v1/tenants/acme/pin');
    const free = (await api.ask<Tenant>('GET', '/v1/tenants/acme')).body;
    assert.deepEqual([free.pool, free.whenFull, free.spill], [null, 'wait', []]);
    assert.equal(await node(), undefined, 'served in the pool default, which has no worker');
  });

  it('that makes no sense is refused', async () => {
    await using api = await TestApi.start();
    await api.tenant('acme');
    for (const body of [
      {},
      { pool: 'a', whenFull: 'spill' },
      { pool: 'a', whenFull: 'spill', spill: [] },
      { pool: 'a', whenFull: 'wait', spill: ['b'] },
      { pool: 'a', whenFull: 'explode' },
      { pool: 'a', spill: ['a'] },
      { pool: 'a', spill: ['b', 'b'] },
      { pool: 'a', spill: ['No Pool'] },
      { pool: 'a', spill: Array.from({ length: 9 }, (_, i) => `p${i}`) },
    ]) {
      const refused = await pin(api, body);
      assert.deepEqual([refused.status, 'code' in refused.body && refused.body.code], [400, 'invalid_request']);
    }
  });
});

describe('rebalancing a pool', () => {
  const rebalance = (api: TestApi, pool: string, body?: object) =>
    api.ask<Rebalance>('POST', `/v1/pools/${pool}/rebalance`, body === undefined ? {} : { body });

  it('has the overfull workers send sessions to the others, and says what came of it', async () => {
    await using api = await TestApi.start();
    await using full = await standInWorker({ 'POST /moves': { status: 202, body: { asked: 30, lastMs: 600 } } });
    await using busy = await standInWorker({
      'POST /moves': { status: 503, body: { code: 'draining', detail: 'no' } },
    });
    const room = { capacity: 1_000 };
    await api.node('w1', { ...room, admin: full.admin }, 100);
    await api.node('w2', { ...room, admin: busy.admin }, 100);
    await api.node('new', room, 10);
    await api.node('other', { ...room, pool: 'blue' }, 0);
    await api.node('cordoned', room, 0);
    await api.ask('POST', '/v1/nodes/cordoned/cordon');
    const moves = [
      { from: 'w1', to: 'new', count: 30 },
      { from: 'w2', to: 'new', count: 30 },
    ];
    const plan = await rebalance(api, 'default', { dryRun: true });
    assert.equal(plan.status, 202);
    assert.deepEqual(plan.body, { pool: 'default', dryRun: true, moves, asked: 0, lastMs: 0, failed: [] });
    assert.deepEqual([full.asked, busy.asked], [[], []]);
    const done = await rebalance(api, 'default');
    assert.deepEqual(done.body, {
      ...{ pool: 'default', dryRun: false, moves, asked: 30, lastMs: 600 },
      failed: [{ node: 'w2', code: 'draining', detail: 'no' }],
    });
    assert.match(full.asked[0] ?? '', /^POST \/moves Bearer \S+ \{"moves":\[\{"to":"new","count":30\}\]\}$/);
    assert.deepEqual((await rebalance(api, 'blue')).body.moves, []);
  });

  it('is for operators', async () => {
    await using api = await TestApi.start();
    const [agent, operator] = [await api.tenant('acme'), await api.tenant('ops', 'operator')];
    const ask = async (key: string) => (await api.ask('POST', '/v1/pools/default/rebalance', { key })).status;
    assert.deepEqual([await ask(agent), await ask(operator)], [403, 202]);
  });
});
