import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NodeTable } from './node-table.ts';
import { RedisClock } from './redis-clock.ts';
import { nodeOf } from './testing/fixtures.ts';
import type { LeasedNode } from './types.ts';

const boot = { id: 'w1', boot: 'b1' };

function setUp() {
  let now = 1_000;
  const clock = new RedisClock({ now: () => now, monotonic: () => now, after: () => () => undefined });
  clock.learn(now, now);
  const reads: PromiseWithResolvers<LeasedNode[]>[] = [];
  const table = new NodeTable(() => {
    const read = Promise.withResolvers<LeasedNode[]>();
    reads.push(read);
    return read.promise;
  }, clock);
  table.hearing = true;
  const node = {
    ...nodeOf(boot),
    state: 'ready',
    sessions: 0,
    connections: 0,
    cordoned: false,
    leaseAgeMs: 0,
  } as const;
  /** Asks, lets the registry answer with a lease that ends then, if it is asked. */
  const ask = async (leaseEndsMs: number) => {
    const before = reads.length;
    const owner = table.owner(boot);
    if (reads.length > before) reads.at(-1)?.resolve([{ node, leaseEndsMs }]);
    return (await owner)?.link;
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { table, clock, reads, ask, pass, link: node.link };
}

describe('the table of nodes', () => {
  it('is read once for as long as a lease lasts, then again', async () => {
    const { ask, pass, reads, link } = setUp();
    assert.equal(await ask(1_500), link);
    pass(499);
    assert.equal(await ask(0), link);
    assert.equal(reads.length, 1);
    pass(1);
    assert.equal(await ask(1_500), undefined, 'it has not been renewed');
    pass(99);
    assert.equal(await ask(9_000), undefined, 'which was heard just now');
    assert.equal(reads.length, 2);
    pass(1);
    assert.equal(await ask(9_000), link);
    assert.equal(reads.length, 3);
  });

  it('is read again after a node came or went, also when that was told during the read', async () => {
    const { table, ask, reads } = setUp();
    await ask(9_000);
    table.doubt();
    await ask(9_000);
    assert.equal(reads.length, 2);
    table.doubt();
    const asked = table.owner(boot);
    table.doubt();
    reads.at(-1)?.resolve([]);
    assert.equal(await asked, undefined);
    await ask(9_000);
    assert.equal(reads.length, 4);
  });

  it('knows no boot but the one that the registry names', async () => {
    const { table, ask, pass, reads } = setUp();
    await ask(9_000);
    pass(100);
    const other = table.owner({ ...boot, boot: 'b2' });
    reads.at(-1)?.resolve([]);
    assert.equal(await other, undefined);
  });

  it('without hints, is believed for half a second', async () => {
    const { table, ask, pass, reads } = setUp();
    table.hearing = false;
    await ask(9_000);
    pass(500);
    await ask(9_000);
    assert.equal(reads.length, 1);
    pass(1);
    await ask(9_000);
    assert.equal(reads.length, 2);
  });

  it('many who ask at once share one read; one that fails is told to all and not kept', async () => {
    const { table, ask, reads, link } = setUp();
    const many = [table.owner(boot), table.owner(boot)];
    assert.equal(reads.length, 1);
    reads[0]?.reject(new Error('away'));
    for (const one of many) await assert.rejects(one, /away/);
    assert.equal(await ask(9_000), link);
  });

  it('says nothing while what Redis’s clock shows is not known', async () => {
    const { clock, ask } = setUp();
    clock.forget();
    assert.equal(await ask(9_000), undefined);
  });

  it('tells what it says of a node: read again after half a second, and after a change, also one during the read', async () => {
    const { table, reads, pass, ask } = setUp();
    const answer = (cordoned: boolean): void => {
      const node = { ...nodeOf(boot), state: 'ready', sessions: 0, connections: 0, cordoned, leaseAgeMs: 0 } as const;
      reads.at(-1)?.resolve([{ node, leaseEndsMs: 9_000 }]);
    };
    const believed = async () => (await table.believed('w1'))?.cordoned;
    await ask(9_000);
    pass(500);
    assert.deepEqual([await believed(), await table.believed('w2'), reads.length], [false, undefined, 1]);
    pass(1);
    const old = believed();
    answer(true);
    assert.deepEqual([await old, reads.length], [true, 2]);
    table.doubt();
    const told = believed();
    table.doubt();
    answer(true);
    await new Promise(setImmediate);
    answer(false);
    assert.deepEqual([await told, reads.length], [false, 4]);
  });
});
