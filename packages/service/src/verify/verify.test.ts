import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { FakeCluster } from './testing/fake-cluster.ts';
import { bootOf } from './testing/snapshots.ts';
import { verifyRegistry } from './verify.ts';

/** A look follows the one before after 300 to 450 ms: what is there twice has lasted for this … */
const ONE_MORE_LOOK = 200;
/** … and what is there three times for this. */
const TWO_MORE_LOOKS = 500;

const kinds = (result: { differences: readonly { kind: string }[] }) => result.differences.map(({ kind }) => kind);

describe('verifying the registry', () => {
  it('looks once, at every page and every live worker, when all agree', async () => {
    const cluster = new FakeCluster('w1', 'w2');
    cluster.nodes.push({ id: 'w3', boot: 'b', role: 'worker', state: 'dead', admin: 'w3' });
    cluster.nodes.push({ id: 'g1', boot: 'b', role: 'gateway', state: 'ready', admin: 'g1' });
    for (let n = 0; n < 7; n += 1) cluster.session(`s${n}`, n % 2 ? 'w1' : 'w2');
    assert.deepEqual(await verifyRegistry(cluster.options), {
      checked: { sessions: 7, workers: 2 },
      recovering: false,
      differences: [],
      unsettled: 0,
    });
    assert.deepEqual([cluster.looks, cluster.pages, cluster.asked.toSorted()], [1, 4, ['w1', 'w2']]);
  });

  it('reports what lasts, after looking at that alone', async () => {
    const cluster = new FakeCluster('w1', 'w2', 'w3');
    cluster.session('a', 'w1');
    cluster.session('b', 'w1', { epoch: 8 });
    cluster.serve('w1', 'b', { epoch: 9 });
    cluster.serve('w2', 'new');
    cluster.session('z', 'w3');
    const { differences, unsettled } = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual([kinds({ differences }), unsettled], [['wrong_epoch', 'missing'], 0]);
    assert.deepEqual([cluster.looks, cluster.pages], [2, 2], 'the pages were read once');
    assert.deepEqual(cluster.asked.slice(3).toSorted(), ['w1', 'w2'], 'and the worker that agreed was asked once');
  });

  it('reports nothing that agrees in the end, whatever it differed in', async () => {
    const cluster = new FakeCluster('w1', 'w2');
    cluster.entry('gone', 'w1');
    cluster.serve('w1', 'opened');
    cluster.session('moved', 'w1');
    cluster.serve('w2', 'moved', { epoch: 9 });
    cluster.session('counted', 'w1');
    cluster.serve('w1', 'counted', { connections: 3 });
    cluster.onLook = (look) => {
      if (look !== 2) return;
      cluster.entries.delete('gone');
      cluster.session('opened', 'w1');
      cluster.truths.get('w1')?.delete('moved');
      cluster.session('moved', 'w2', { epoch: 9 });
      cluster.session('counted', 'w1', { connections: 3 });
    };
    const { differences, unsettled } = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual([differences, unsettled], [[], 0]);
  });

  it('takes numbers that are reported for right, however late, and numbers that are not for wrong', async () => {
    const cluster = new FakeCluster('w1');
    for (const id of ['lively', 'stuck', 'adrift']) cluster.session(id, 'w1');
    cluster.onLook = (look) => {
      for (const id of ['lively', 'adrift']) cluster.entry(id, 'w1', { bytesIn: 100 * look });
      for (const id of ['lively', 'stuck']) cluster.serve('w1', id, { connections: 10 + look });
      cluster.serve('w1', 'adrift', { connections: 3 });
      if (look > 1 && look % 2 === 0) cluster.serve('w1', 'lively', { state: 'idle', connections: 0 });
    };
    const { differences, unsettled } = await verifyRegistry({ ...cluster.options, settleMs: TWO_MORE_LOOKS });
    assert.deepEqual(
      differences.map((difference) => [difference.kind, 'session' in difference && difference.session]),
      [
        ['wrong_count', 'adrift'],
        ['wrong_count', 'stuck'],
      ],
    );
    assert.deepEqual([cluster.looks, unsettled], [3, 0]);
  });

  it('says that something kept changing, and does not look for ever', async () => {
    const cluster = new FakeCluster('w1');
    cluster.onLook = (look) => cluster.entry('s', 'w1', { epoch: look });
    const { differences, unsettled } = await verifyRegistry({ ...cluster.options, settleMs: TWO_MORE_LOOKS });
    assert.deepEqual([differences, unsettled], [[], 1]);
    assert.ok(cluster.looks >= 4 && cluster.looks <= 7, `${cluster.looks} looks`);
  });

  it('begins anew when a difference turns into another', async () => {
    const cluster = new FakeCluster('w1', 'w2');
    cluster.entry('s', 'w1');
    cluster.onLook = (look) => look === 2 && cluster.entry('s', 'w2', { epoch: 9 });
    const { differences } = await verifyRegistry({ ...cluster.options, settleMs: TWO_MORE_LOOKS });
    assert.equal(cluster.looks, 4);
    const owner = { worker: 'w2', boot: bootOf('w2'), epoch: 9 };
    assert.deepEqual(differences, [{ kind: 'stale_owner', session: 's', owner, why: 'not_there', holder: null }]);
  });

  it('tells at once with no time to settle', async () => {
    const cluster = new FakeCluster('w1');
    cluster.entry('s', 'w1');
    assert.deepEqual(kinds(await verifyRegistry({ ...cluster.options, settleMs: 0 })), ['stale_owner']);
    assert.equal(cluster.looks, 1);
  });

  it('does not wait for what is in order', async () => {
    const cluster = new FakeCluster('w1');
    cluster.entry('s', null);
    assert.deepEqual(kinds(await verifyRegistry(cluster.options)), ['vacant']);
    assert.equal(cluster.looks, 1);
  });

  it('judges the sessions of a worker that answers later', async () => {
    const cluster = new FakeCluster('w1', 'w2');
    cluster.silent.add('w1');
    cluster.entry('s', 'w1');
    cluster.serve('w1', 'new');
    cluster.session('t', 'w2');
    const silent = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual([kinds(silent), silent.checked.workers], [['unreachable'], 1]);
    cluster.looks = 0;
    cluster.onLook = (look) => look === 2 && cluster.silent.clear();
    const later = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual(kinds(later), ['stale_owner', 'missing']);
  });

  it('tells an entry that no index has from one that is missing', async () => {
    const cluster = new FakeCluster('w1');
    cluster.session('s', 'w1');
    cluster.unlisted.add('s');
    const { differences } = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual(differences, [
      { kind: 'index', session: 's', index: 'tenanted', under: 'acme', problem: 'lacks' },
    ]);
  });

  it('finds what the index of owners has too much or too little', async () => {
    const cluster = new FakeCluster('w1', 'w2');
    for (const id of ['a', 'b', 'c', 'd', 'e']) cluster.session(id, 'w1');
    cluster.owned.add('w2/d').add('w2/ghost').add('!w1/e');
    const { differences } = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual(differences, [
      { kind: 'index', session: 'e', index: 'owned', under: 'w1', problem: 'lacks' },
      { kind: 'index', session: 'd', index: 'owned', under: 'w2', problem: 'extra' },
      { kind: 'index', session: 'ghost', index: 'owned', under: 'w2', problem: 'no_entry' },
    ]);
  });

  it('finds members of the index of tenants without an entry of theirs, and places kept for who has come', async () => {
    const cluster = new FakeCluster('w1', 'w2');
    for (const id of ['a', 'b', 'c']) cluster.session(id, 'w1');
    cluster.tenanted.add('acme/ghost').add('other/b');
    cluster.reserved.set('w1', [{ sessionId: 'a', untilMs: 9 }]);
    cluster.reserved.set('w2', [{ sessionId: 'a', untilMs: 9 }]);
    const { differences } = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual(differences, [
      { kind: 'index', session: 'ghost', index: 'tenanted', under: 'acme', problem: 'no_entry' },
      { kind: 'index', session: 'b', index: 'tenanted', under: 'other', problem: 'extra' },
      { kind: 'orphan_reservation', session: 'a', worker: 'w1', untilMs: 9 },
    ]);
  });

  it('says when workers may be missing as well, before it looked or after', async () => {
    const cluster = new FakeCluster('w1');
    cluster.recovering = true;
    cluster.onLook = () => {
      cluster.recovering = !cluster.recovering;
    };
    assert.equal((await verifyRegistry(cluster.options)).recovering, true);
    assert.equal((await verifyRegistry(cluster.options)).recovering, true);
    cluster.onLook = () => undefined;
    cluster.recovering = false;
    assert.equal((await verifyRegistry(cluster.options)).recovering, false);
  });

  it('calls missing what a recovering registry does not have yet', async () => {
    const cluster = new FakeCluster('w1');
    cluster.recovering = true;
    cluster.serve('w1', 's');
    assert.deepEqual(kinds(await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK })), ['missing']);
  });

  it('reads all again when too many are in doubt', async () => {
    const cluster = new FakeCluster('w1');
    for (let n = 0; n < 1_001; n += 1) cluster.serve('w1', `s${n}`);
    let single = 0;
    cluster.getSession = async () => {
      single += 1;
      return undefined;
    };
    const { differences } = await verifyRegistry({ ...cluster.options, settleMs: ONE_MORE_LOOK });
    assert.deepEqual([differences.length, cluster.pages, single], [1_001, 2, 1_000]);
  });

  it('passes on that the registry is away, and ends when it is told to', async () => {
    const cluster = new FakeCluster('w1');
    cluster.listOwned = () => Promise.reject(new CulvertError('registry_unavailable'));
    await assert.rejects(verifyRegistry(cluster.options), { code: 'registry_unavailable' });
    const other = new FakeCluster('w1');
    other.entry('s', 'w1');
    const controller = new AbortController();
    other.onLook = (look) => look === 2 && controller.abort(new CulvertError('timeout'));
    await assert.rejects(verifyRegistry({ ...other.options, settleMs: 60_000, signal: controller.signal }), {
      code: 'timeout',
    });
  });

  it('refuses more sessions than it may hold', async () => {
    const cluster = new FakeCluster('w1');
    for (const id of ['a', 'b', 'c']) cluster.entry(id, null);
    await assert.rejects(verifyRegistry({ ...cluster.options, maxSessions: 2 }), { code: 'limit_exceeded' });
    const other = new FakeCluster('w1');
    for (const id of ['a', 'b', 'c']) other.owned.add(`w1/${id}`);
    await assert.rejects(verifyRegistry({ ...other.options, maxSessions: 2 }), { code: 'limit_exceeded' });
  });
});
