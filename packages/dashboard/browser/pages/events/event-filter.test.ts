import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterEvent } from '@culvert/contracts';
import { addressOf, EVERYTHING, filterOf, isWanted, problemsIn, TYPE_CHOICES } from './event-filter.ts';

const head = { id: '1-0', at: '2026-01-01T00:00:00.000Z' };
const moved: ClusterEvent = {
  ...head,
  ...{
    type: 'session.moved',
    session: 's_1',
    tenant: 'acme',
    node: 'w2',
    boot: 'b',
    epoch: 2,
    from: 'w1',
    fromEpoch: 1,
  },
};
const foreign: ClusterEvent = { ...head, type: 'unknown', name: 'disk.full', fields: { node: 'w1' } };

describe('the filter of events', () => {
  it('is in the address', () => {
    const filter = filterOf({ types: 'node.*', node: 'w1', other: 'x' });
    assert.equal(addressOf(filter), '/events?types=node.*&node=w1');
    assert.equal(addressOf(EVERYTHING, '5-0'), '/events?at=5-0');
    assert.equal(addressOf(filterOf({})), '/events');
  });

  it('takes what the API would take', () => {
    const wants = (query: Record<string, string>, event: ClusterEvent = moved): boolean =>
      isWanted(event, filterOf(query));
    for (const query of [
      {},
      { types: 'session.*' },
      { types: 'node.state,session.moved' },
      { node: 'w1' },
      { node: 'w2' },
    ]) {
      assert.equal(wants(query), true, JSON.stringify(query));
    }
    for (const query of [
      { types: 'sess.*' },
      { types: 'session.opened' },
      { node: 'w' },
      { tenant: 'acm' },
      { session: 's' },
    ]) {
      assert.equal(wants(query), false, JSON.stringify(query));
    }
    assert.deepEqual(
      [wants({ types: 'disk.*', node: 'w1' }, foreign), wants({ types: 'unknown' }, foreign)],
      [true, false],
    );
  });

  it('says what can’t be an id before anybody is asked', () => {
    assert.deepEqual(problemsIn(EVERYTHING), {});
    assert.deepEqual(problemsIn(filterOf({ session: 's_Ab-1', node: 'worker-1.x', tenant: 'acme' })), {});
    const wrong = filterOf({ session: 's 1', node: 'Worker', tenant: 'acme-' });
    assert.deepEqual(Object.keys(problemsIn(wrong)), ['session', 'node', 'tenant']);
  });

  it('offers each group and each type', () => {
    const values = TYPE_CHOICES.map(({ value }) => value);
    for (const value of ['', 'session.*', 'session.moved', 'chaos.*', 'chaos.fault']) assert.ok(values.includes(value));
    assert.ok(!values.includes('unknown'));
  });
});
