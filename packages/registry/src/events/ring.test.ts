import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareIds, type EventEntry } from './entry.ts';
import { EventRing } from './ring.ts';

const entry = (id: string): EventEntry => ({ id, type: 't.t', fields: {} });

/** What a follower at this position still meets, in words. */
function rest(ring: EventRing, position: number | undefined): string[] | undefined {
  if (position === undefined) return undefined;
  const met: string[] = [];
  for (let at = position; ; at += 1) {
    const step = ring.at(at);
    if (step === undefined) return met;
    if (step === 'dropped') return ['dropped'];
    met.push('gap' in step ? `gap to ${step.gap.next}` : step.entry.id);
  }
}

describe('ids of events', () => {
  it('are compared as two numbers', () => {
    const sorted = ['9-0', '10-2', '10-10', '1700000000000-0'];
    assert.deepEqual(sorted.toReversed().sort(compareIds), sorted);
    assert.equal(compareIds('10', '10-0'), 0);
    for (const wrong of ['', 'x', '1-', '-1', '1-2-3', '1'.repeat(16)])
      assert.throws(() => compareIds(wrong, '1-0'), { code: 'invalid_request' });
  });
});

describe('the ring of the last events', () => {
  it('takes a follower up after what it has read, if it reaches back so far', () => {
    const ring = new EventRing('5-0', 100);
    ring.add(['7-0', '7-1', '9-0'].map(entry));
    assert.equal(ring.positionAfter('4-9'), undefined);
    assert.deepEqual(rest(ring, ring.positionAfter('5-0')), ['7-0', '7-1', '9-0']);
    assert.deepEqual(rest(ring, ring.positionAfter('7-0')), ['7-1', '9-0']);
    assert.deepEqual(rest(ring, ring.positionAfter('20-0')), []);
    assert.equal(ring.last, '9-0');
  });

  it('holds a bounded number, and says so to those who fell behind', () => {
    const ring = new EventRing('0-0', 8);
    const position = ring.positionAfter('0-0');
    for (let ms = 1; ms <= 1_000; ms += 1) {
      ring.add([entry(`${ms}-0`)]);
      assert.ok((rest(ring, ring.positionAfter(`${Math.max(0, ms - 8)}-0`))?.length ?? 99) <= 10);
    }
    assert.deepEqual(rest(ring, position), ['dropped']);
    assert.equal(ring.positionAfter('900-0'), undefined);
    assert.deepEqual(rest(ring, ring.positionAfter('997-0')), ['998-0', '999-0', '1000-0']);
  });

  it('has gaps in their place, and takes nobody up before the last of them', () => {
    const ring = new EventRing('0-0', 100);
    ring.add([entry('8-0'), entry('9-0')]);
    const position = ring.positionAfter('8-0');
    ring.addGap({ after: '9-0', oldest: null, next: '0-0' });
    ring.add([entry('3-0')]);
    assert.deepEqual(rest(ring, position), ['9-0', 'gap to 0-0', '3-0']);
    assert.deepEqual(rest(ring, ring.positionAfter('0-0')), ['3-0']);
    assert.deepEqual(rest(ring, ring.positionAfter('8-0')), []);
    assert.deepEqual([ring.gaps, ring.last], [1, '3-0']);
  });
});
