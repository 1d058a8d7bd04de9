import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { RegistryDifferenceList, RegistryStatus } from '@culvert/contracts';
import { createKeys, type NodeInfo } from '@culvert/registry';
import { rootAdminKey } from '@culvert/service';
import { type StandInWorker, secret, standInWorker, TestApi } from './testing/start-api.ts';

const DIFFERENCES = '/v1/registry/differences?settleMs=0';

/** A worker in the registry, with an admin address that tells these sessions. */
interface Worker extends AsyncDisposable {
  readonly node: NodeInfo;
  readonly sessions: Map<string, Record<string, unknown>>;
  readonly standIn: StandInWorker;
  /** Runs before each of its answers. */
  onAsked: () => Promise<void>;
}

describe('the registry, compared with its workers', () => {
  let api: TestApi;
  const workers: Worker[] = [];
  let number = 0;

  before(async () => {
    api = await TestApi.start();
    await api.tenant('acme');
  });
  // Each test has workers of its own; those of the one before have left, and what they had is gone.
  beforeEach(async () => {
    await endWorkers();
    await send('DEL', keys.owned, keys.tenanted);
  });
  after(async () => {
    await endWorkers();
    await api[Symbol.asyncDispose]();
  });

  const keys = createKeys();

  async function endWorkers(): Promise<void> {
    for (const { node, standIn } of workers.splice(0)) {
      await api.registry.leave(node);
      await standIn[Symbol.asyncDispose]();
    }
  }

  /** What nobody does but a fault: changes Redis past the registry. */
  async function send(...words: string[]): Promise<void> {
    const socket = connect(api.redis.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${words.join(' ')}\r\n`);
    const [answer] = await once(socket, 'data');
    socket.destroy();
    assert.match(String(answer), /^[:+]/);
  }

  async function worker(): Promise<Worker> {
    number += 1;
    const sessions = new Map<string, Record<string, unknown>>();
    const reply = {
      status: 200,
      before: () => made.onAsked(),
      get body() {
        return { items: [...sessions.values()] };
      },
    };
    const standIn = await standInWorker({ 'GET /sessions?canary=true': reply });
    const node = await api.node(`w${number}`, { admin: standIn.admin });
    const made: Worker = {
      node,
      sessions,
      standIn,
      onAsked: async () => undefined,
      [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
    };
    workers.push(made);
    return made;
  }

  /** Claims a session for it, and has it tell so. */
  async function opens({ node, sessions }: Worker, id: string): Promise<void> {
    await api.claim(node, id, 'acme');
    const view = await api.registry.getSession(id);
    sessions.set(id, { id, tenant: 'acme', state: 'idle', epoch: view?.epoch, connections: 0 });
  }

  async function differences(path = DIFFERENCES): Promise<RegistryDifferenceList> {
    const { status, body, text } = await api.ask<RegistryDifferenceList>('GET', path);
    assert.equal(status, 200, text);
    return body;
  }

  it('is true while workers say what they told it', async () => {
    const [a, b] = [await worker(), await worker()];
    for (const id of ['s1', 's2', 's3']) await opens(a, id);
    await opens(b, 's4');
    const { checked, total, items, next } = await differences('/v1/registry/differences');
    assert.deepEqual([checked, total, items, next], [{ sessions: 4, workers: 2, unsettled: 0 }, 0, [], null]);
    assert.deepEqual(a.standIn.asked, [`GET /sessions?canary=true Bearer ${rootAdminKey(secret)}`]);
  });

  it('differs in every way in which a worker can say something else', async () => {
    const [a, b] = [await worker(), await worker()];
    for (const id of ['epoch', 'state', 'count', 'moved', 'twice']) await opens(a, id);
    for (const [id, over] of Object.entries({
      epoch: { epoch: 1 },
      state: { state: 'busy' },
      count: { connections: 3 },
    })) {
      a.sessions.set(id, { ...a.sessions.get(id), ...over });
    }
    for (const id of ['moved', 'twice']) b.sessions.set(id, { ...a.sessions.get(id), epoch: 1 });
    a.sessions.delete('moved');
    a.sessions.set('unknown', { id: 'unknown', tenant: 'acme', state: 'idle', epoch: 5, connections: 0 });
    const { items, total } = await differences();
    const short = items.map(({ kind, severity, session, workers: named }) => [kind, severity, session, named.join()]);
    assert.deepEqual(
      short.toSorted(),
      [
        ['missing', 'error', 'unknown', a.node.id],
        ['stale_owner', 'error', 'moved', `${a.node.id},${b.node.id}`],
        ['two_owners', 'error', 'twice', `${a.node.id},${b.node.id}`],
        ['wrong_count', 'error', 'count', a.node.id],
        ['wrong_epoch', 'error', 'epoch', a.node.id],
        ['wrong_state', 'error', 'state', a.node.id],
      ].toSorted(),
    );
    assert.equal(total, 6);
    assert.equal(a.standIn.asked.length, 1, 'with no time to settle it looks once');
    const missing = items.find(({ kind }) => kind === 'missing');
    assert.deepEqual([missing?.directory, missing?.truth], ['has no entry', `${a.node.id} has it, idle, epoch 5`]);
  });

  it('tells what is vacant, which is an error only when somebody has it', async () => {
    const [a, b] = [await worker(), await worker()];
    await opens(a, 'v1');
    await opens(a, 'v2');
    b.sessions.set('v2', { ...a.sessions.get('v2'), epoch: 1 });
    await api.registry.leave(a.node);
    const { items } = await differences();
    assert.deepEqual(
      items.map(({ kind, severity, session }) => [kind, severity, session]),
      [
        ['vacant', 'error', 'v2'],
        ['vacant', 'information', 'v1'],
      ],
    );
  });

  it('tells of indexes that say something else than the entries', async () => {
    const a = await worker();
    for (const id of ['i1', 'i2', 'i3']) await opens(a, id);
    const owner = `${a.node.id}#${a.node.boot}`;
    await send('ZREM', keys.owned, `${owner}/i1`);
    await send('ZREM', keys.tenanted, 'acme/i2');
    await send('ZADD', keys.owned, '0', `${owner}/ghost`);
    await send('ZADD', keys.tenanted, '0', 'acme/nobody', '0', 'other/i3');
    const { items } = await differences('/v1/registry/differences?settleMs=400');
    assert.deepEqual(items.map(({ kind, session, directory }) => [kind, session, directory]).toSorted(), [
      ['index', 'ghost', `has it in the index of ${a.node.id}'s sessions, but no entry`],
      ['index', 'i1', `lacks it in the index of ${a.node.id}'s sessions, its entry is there`],
      ['index', 'i2', 'lacks it in the index of tenant acme, its entry is there'],
      ['index', 'i3', "has it in the index of tenant other, its entry is another's"],
      ['index', 'nobody', 'has it in the index of tenant acme, but no entry'],
    ]);
  });

  it('tells of a place that is kept for who has come', async () => {
    const a = await worker();
    await opens(a, 'k1');
    const untilMs = String(Date.now() + 60_000);
    await send('ZADD', keys.reserved(a.node.id), untilMs, 'k1', untilMs, 'k2');
    const { items } = await differences();
    assert.deepEqual(
      items.map(({ kind, severity, session }) => [kind, severity, session]),
      [['orphan_reservation', 'information', 'k1']],
    );
  });

  it('does not judge the sessions of a worker that does not answer', async () => {
    const [a, b] = [await worker(), await worker()];
    await opens(a, 'u1');
    await opens(b, 'u2');
    await a.standIn[Symbol.asyncDispose]();
    workers.splice(workers.indexOf(a), 1);
    const { checked, items } = await differences();
    assert.deepEqual(checked, { sessions: 2, workers: 1, unsettled: 0 });
    assert.deepEqual(
      items.map(({ kind, session, workers: named }) => [kind, session, named]),
      [['unreachable', null, [a.node.id]]],
    );
    await api.registry.leave(a.node);
  });

  it('waits for a number that is on its way', async () => {
    const a = await worker();
    await opens(a, 'n1');
    const { epoch } = (await api.registry.getSession('n1')) ?? assert.fail('it was claimed');
    a.sessions.set('n1', { ...a.sessions.get('n1'), state: 'busy', connections: 2 });
    // At the second look, whose entry has been read by then: the third one sees it.
    a.onAsked = async () => {
      if (a.standIn.asked.length !== 2) return;
      const report = { sessionId: 'n1', epoch, state: 'busy' as const, connections: 2, bytesIn: 1, bytesOut: 1 };
      await api.registry.updateSessions(a.node, [report]);
    };
    const { items } = await differences('/v1/registry/differences?settleMs=5000');
    assert.deepEqual([items, a.standIn.asked.length], [[], 3]);
  });

  it('is for operators, and for sane questions', async () => {
    const key = await api.tenant('other');
    for (const path of ['/v1/registry', '/v1/registry/differences']) {
      assert.equal((await api.ask('GET', path, { key })).status, 403);
    }
    for (const settleMs of ['-1', '10001', 'x', '']) {
      assert.equal((await api.ask('GET', `/v1/registry/differences?settleMs=${settleMs}`)).status, 400, settleMs);
    }
  });

  it('runs a bounded number of comparisons', async () => {
    const a = await worker();
    await opens(a, 'b1');
    a.sessions.clear();
    const answers = await Promise.all([1, 2, 3].map(() => api.ask('GET', '/v1/registry/differences?settleMs=1000')));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 200, 429]);
    const refused = answers.find(({ status }) => status === 429);
    assert.deepEqual([refused?.body.code, refused?.headers.get('retry-after')], ['limit_exceeded', '2']);
    assert.equal((await api.ask('GET', DIFFERENCES)).status, 200, 'those that have ended count no more');
  });
});

describe('the state of the registry', () => {
  it('is told, from nothing to a first round', async () => {
    await using api = await TestApi.start();
    const empty = await api.ask<RegistryStatus>('GET', '/v1/registry');
    assert.equal(empty.status, 200);
    const { server, ...rest } = empty.body;
    assert.match(server ?? '', /^[0-9a-f]{40}$/);
    assert.deepEqual(rest, {
      ...{ available: true, reason: null, round: null, recovering: true, since: null, sessions: 0, nodes: 0 },
    });
    await api.tenant('acme');
    await api.claim(await api.node('w1'), 's1', 'acme');
    const { body } = await api.ask<RegistryStatus>('GET', '/v1/registry');
    assert.deepEqual([body.available, body.server, body.sessions, body.nodes], [true, server, 1, 1]);
    assert.notEqual(body.round, null);
    assert.ok(Math.abs(Date.parse(body.since ?? '') - Date.now()) < 600_000, 'it begins now');
  });

  it('is told beside a comparison that knows no worker', async () => {
    await using api = await TestApi.start();
    const { body } = await api.ask<RegistryDifferenceList>('GET', DIFFERENCES);
    assert.deepEqual([body.recovering, body.checked.workers, body.total], [true, 0, 0]);
  });

  it('says so while Redis is away, and what was asked of it is refused', async () => {
    await using api = await TestApi.start();
    await api.redis.stop();
    const status = await api.ask<RegistryStatus>('GET', '/v1/registry');
    assert.equal(status.status, 200);
    assert.deepEqual([status.body.available, status.body.sessions], [false, null]);
    assert.notEqual(status.body.reason, null);
    const compared = await api.ask('GET', DIFFERENCES);
    assert.deepEqual([compared.status, compared.body.code], [503, 'registry_unavailable']);
  });
});
