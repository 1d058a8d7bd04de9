import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deadlines } from './deadlines.ts';

describe('deadlines', () => {
  it('says when the first is due, and hands out what is', () => {
    const due = new Deadlines<string>();
    assert.deepEqual([due.nextMs, due.size, due.take(1_000_000)], [undefined, 0, []]);
    due.add('a', 10);
    due.add('b', 10);
    due.add('c', 20);
    assert.deepEqual([due.nextMs, due.size], [10, 3]);
    assert.deepEqual(due.take(9), []);
    assert.deepEqual(due.take(10), ['a', 'b']);
    assert.deepEqual([due.nextMs, due.size], [20, 1]);
    assert.deepEqual(due.take(99), ['c']);
    assert.equal(due.nextMs, undefined);
  });

  it('what was taken out is not handed out', () => {
    const due = new Deadlines<string>();
    due.add('a', 10);
    assert.deepEqual([due.delete('a'), due.delete('a')], [true, false]);
    assert.deepEqual(due.take(10), []);
  });

  it('what is added again gets a new deadline, and its place behind the others', () => {
    const due = new Deadlines<string>();
    due.add('a', 10);
    due.add('b', 20);
    due.add('a', 30);
    assert.deepEqual([due.nextMs, due.size], [20, 2]);
    assert.deepEqual(due.take(29), ['b']);
    assert.deepEqual(due.take(30), ['a']);
  });
});
