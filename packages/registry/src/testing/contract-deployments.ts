import assert from 'node:assert/strict';
import { beforeEach, it } from 'node:test';
import type { StoredDeployment } from '../deployments/types.ts';
import type { World } from './contract.ts';
import { after, commandOf, commitOf, deploymentOf, holds } from './deployments.ts';
import { hasCode, nextHint } from './fixtures.ts';

/** The plan, its commands, and what came of it: nothing of a deployment is known only to a process. */
export function deploymentContract(world: World): void {
  const store = () => world.registry().deployments;
  beforeEach(() => world.factory().lose());

  async function created(over: Partial<StoredDeployment> = {}): Promise<StoredDeployment> {
    const record = deploymentOf(over);
    assert.deepEqual(await store().create(record, { queue: true }), { outcome: 'created' });
    return record;
  }

  async function history(): Promise<object[]> {
    const { items } = await world.registry().events.read({ limit: 100, types: ['deployment.*'] });
    return items.map(({ type, fields }) => ({ type, ...fields }));
  }

  it('is one at a time: another is refused, or waits for its turn', async () => {
    const [first, refused, queued] = [deploymentOf(), deploymentOf(), deploymentOf({ createdAtMs: 1 })];
    assert.equal(await store().active(), undefined);
    const hint = nextHint(world.registry(), ({ kind }) => kind === 'deployment');
    assert.deepEqual(await store().create(first, { queue: false }), { outcome: 'created' });
    assert.deepEqual(await hint, { kind: 'deployment', id: first.id });
    assert.deepEqual(await store().create(refused, { queue: false }), { outcome: 'busy', active: first.id });
    assert.equal(await store().get(refused.id), undefined);
    assert.deepEqual(await store().create(queued, { queue: true }), { outcome: 'created' });
    assert.deepEqual(await store().active(), first, 'the first that was asked for, whatever it says of its age');
    const lease = await holds(store(), 'one#b1');
    assert.equal(await store().commit(commitOf(first, lease, { state: 'succeeded', over: true })), 'ok');
    assert.deepEqual(await store().active(), queued);
    assert.equal(await store().commit(commitOf(queued, lease, { state: 'aborted', over: true })), 'ok');
    assert.equal(await store().active(), undefined);
    assert.deepEqual(await store().create(refused, { queue: false }), { outcome: 'created' });
  });

  it('asked for twice under one id is one', async () => {
    const record = await created();
    const again = { ...record, core: 'other' };
    assert.deepEqual(await store().create(again, { queue: false }), { outcome: 'created' });
    assert.deepEqual(await store().get(record.id), record);
    const lease = await holds(store(), 'one#b1');
    await store().commit(commitOf(record, lease, { over: true }));
    assert.deepEqual(await store().create(record, { queue: false }), { outcome: 'created' });
    assert.equal(await store().active(), undefined, 'it is over, and stays so');
  });

  it('is listed, the newest first, in pages', async () => {
    const records: StoredDeployment[] = [];
    for (let i = 0; i < 12; i += 1) records.push(await created(i < 3 ? { createdAtMs: 5 } : {}));
    const all = (await store().list({ limit: 100 })).items;
    const newestFirst = records.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
    assert.deepEqual(all, newestFirst);
    const pages: StoredDeployment[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await store().list({ limit: 5, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(...page.items);
      cursor = page.next;
    }
    assert.deepEqual(pages, newestFirst);
    await assert.rejects(store().list({ limit: 0 }), hasCode('invalid_request'));
    await assert.rejects(store().list({ limit: 5, cursor: 'x' }), hasCode('invalid_request'));
  });

  it('moves on by one revision at a time', async () => {
    const record = await created();
    const lease = await holds(store(), 'one#b1');
    const commit = commitOf(record, lease, { core: { step: 1 }, view: null });
    const hint = nextHint(world.registry(), ({ kind }) => kind === 'deployment');
    const event = { type: 'deployment.state', deployment: record.id, state: 'running', reason: '' };
    assert.equal(await store().commit({ ...commit, events: [event, { ...event, state: 'paused' }] }), 'ok');
    assert.deepEqual(await hint, { kind: 'deployment', id: record.id });
    assert.deepEqual(await store().get(record.id), commit.record);
    assert.deepEqual(await history(), [event, { ...event, state: 'paused' }]);
    assert.equal(await store().commit({ ...commit, events: [event] }), 'conflict', 'the same once more');
    const ahead = { ...commit.record, revision: 9 };
    assert.equal(await store().commit(commitOf(ahead, lease)), 'conflict');
    assert.equal(await store().commit(commitOf(deploymentOf(), lease)), 'conflict', 'there is no record');
    await assert.rejects(store().commit({ ...commit, expected: 7 }), hasCode('internal'));
    assert.deepEqual([await store().get(record.id), (await history()).length], [commit.record, 2]);
    const over = after(commit.record, { over: true });
    assert.equal(await store().commit({ ...commit, record: over, expected: 2 }), 'ok');
    assert.equal(await store().commit(commitOf(over, lease, { over: false })), 'conflict', 'over is for ever');
  });

  it('takes commands until it is over, in the order in which they were given', async () => {
    const record = await created();
    const { id } = record;
    const lease = await holds(store(), 'one#b1');
    const [pause, resume, skip] = [commandOf('pause'), commandOf('resume'), commandOf('skip', { node: 'w1', byMs: 5 })];
    const hint = nextHint(world.registry(), ({ kind }) => kind === 'deployment');
    for (const command of [pause, resume, pause, skip]) assert.equal(await store().command(id, command), 'ok');
    assert.deepEqual(await hint, { kind: 'deployment', id });
    assert.deepEqual(await store().commands(id), [pause, resume, skip]);
    assert.equal(await store().command('d_other', pause), 'absent');
    const stale = { ...commitOf({ ...record, revision: 8 }, lease), commands: [pause.id] };
    assert.equal(await store().commit(stale), 'conflict');
    assert.equal((await store().commands(id)).length, 3);
    assert.equal(await store().commit({ ...commitOf(record, lease), commands: [pause.id, skip.id] }), 'ok');
    assert.deepEqual(await store().commands(id), [resume]);
    assert.equal(await store().commit(commitOf(after(record), lease, { over: true })), 'ok');
    assert.deepEqual(await store().commands(id), [], 'what was not taken in by then never will be');
    assert.equal(await store().command(id, pause), 'over');
  });

  it('has one result for each effect: the first', async () => {
    const { id } = await created();
    const [key, other] = [`${id}/w1/verify/1`, `${id}/w1/probe/1/a`];
    assert.deepEqual(await store().putResult(id, key, { ok: true }), { ok: true });
    assert.deepEqual(await store().putResult(id, key, { ok: false }), { ok: true });
    assert.equal(await store().putResult(id, other, null), null);
    const both = new Map<string, unknown>([
      [key, { ok: true }],
      [other, null],
    ]);
    assert.deepEqual(await store().results(id), both);
    assert.deepEqual(await store().results('d_other'), new Map());
  });

  it('keeps what it touched, and the receipt', async () => {
    const { id } = await created();
    const entries = new Map<string, unknown>(Array.from({ length: 1_200 }, (_, n) => [`s_${n}`, { n }]));
    await store().putTouched(id, entries);
    await store().putTouched(id, new Map([['s_7', { n: 'later' }]]));
    assert.deepEqual(await store().touched(id), new Map([...entries, ['s_7', { n: 'later' }]]));
    assert.equal(await store().receipt(id), undefined);
    const hint = nextHint(world.registry(), ({ kind }) => kind === 'deployment');
    await store().putReceipt(id, { totals: { sessions: 1_200 } });
    assert.deepEqual(await hint, { kind: 'deployment', id });
    assert.deepEqual(await store().receipt(id), { totals: { sessions: 1_200 } });
    await assert.rejects(store().putReceipt('d_other', {}), hasCode('deployment_not_found'));
    assert.equal(await store().receipt('d_other'), undefined);
  });

  it('is put back when it was lost, once, at its place, and the history tells of it', async () => {
    const records = [await created(), await created(), await created()];
    const [done, first, second] = records;
    if (!done || !first || !second) assert.fail();
    const over = after(done, { over: true, state: 'succeeded' });
    await world.factory().lose();
    assert.equal(await store().get(first.id), undefined);
    for (const record of [second, first, over]) assert.equal(await store().restore(record), true);
    assert.equal(await store().restore({ ...first, revision: 9 }), false);
    assert.deepEqual(await store().get(first.id), first);
    assert.deepEqual(await store().active(), first);
    assert.deepEqual((await store().list({ limit: 10 })).items, [second, first, over]);
    const told = [second, first].map(({ id, state }) => ({ type: 'deployment.restored', deployment: id, state }));
    assert.deepEqual(await history(), told);
    assert.deepEqual(await store().create(deploymentOf(), { queue: false }), { outcome: 'busy', active: first.id });
    assert.equal(await store().commit(commitOf(first, await holds(store(), 'one#b1'))), 'ok');
  });

  it('has schedules and windows beside it, by id', async () => {
    await store().putDocument('schedule', 'nightly', { cron: '0 3 * * *' });
    await store().putDocument('window', 'nightly', { forMs: 60_000 });
    await store().putDocument('schedule', 'nightly', { cron: '0 4 * * *' });
    assert.deepEqual(await store().documents('schedule'), new Map([['nightly', { cron: '0 4 * * *' }]]));
    assert.equal(await store().deleteDocument('schedule', 'nightly'), true);
    assert.equal(await store().deleteDocument('schedule', 'nightly'), false);
    assert.deepEqual(await store().documents('schedule'), new Map());
    assert.deepEqual(await store().documents('window'), new Map([['nightly', { forMs: 60_000 }]]));
    await store().putDocument('window', 'nightly/of pool 1', null);
    assert.deepEqual([...(await store().documents('window')).keys()].toSorted(), ['nightly', 'nightly/of pool 1']);
    await assert.rejects(store().putDocument('schedule', '', {}), hasCode('invalid_request'));
  });
}
