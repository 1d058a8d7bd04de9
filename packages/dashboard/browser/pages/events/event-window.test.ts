import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterEvent } from '@culvert/contracts';
import {
  compareIds,
  type EventWindow,
  justAfter,
  MAX_ROWS,
  NO_EVENTS,
  released,
  withEvent,
  withGap,
  withPage,
} from './event-window.ts';

const event = (id: string): ClusterEvent => ({
  ...{ id, at: '2026-01-01T00:00:00.000Z', type: 'node.cordoned', node: 'w1', boot: 'b' },
});
const shown = ({ rows }: EventWindow): string[] => rows.map(({ kind, id }) => (kind === 'gap' ? `gap ${id}` : id));
const many = (from: number, count: number): ClusterEvent[] =>
  Array.from({ length: count }, (_, i) => event(`${from + i}-0`));

describe('the part of the history on the page', () => {
  it('is in order, whatever comes when, and has nothing twice', () => {
    let window = withPage(NO_EVENTS, [event('30-0'), event('9-1')]);
    window = withEvent(window, event('31-0'), false);
    window = withEvent(window, event('30-0'), false);
    window = withPage(window, [event('9-0'), event('9-1'), event('100-0')]);
    assert.deepEqual(shown(window), ['100-0', '31-0', '30-0', '9-1', '9-0']);
  });

  it('holds back what comes while it is paused, and shows it afterwards', () => {
    const before = withPage(NO_EVENTS, [event('1-0')]);
    const paused = withEvent(withEvent(before, event('2-0'), true), event('3-0'), true);
    assert.deepEqual([shown(paused), paused.held.length], [['1-0'], 2]);
    assert.deepEqual([shown(released(paused)), released(paused).held], [['3-0', '2-0', '1-0'], []]);
  });

  it('is bounded: the oldest go, and what was not held is told as a gap', () => {
    let window = NO_EVENTS;
    for (const one of many(0, MAX_ROWS + 5)) window = withEvent(window, one, false);
    assert.deepEqual([window.rows.length, shown(window).at(-1)], [MAX_ROWS, '5-0']);
    let paused = withPage(NO_EVENTS, [event('1-0')]);
    for (const one of many(10, MAX_ROWS + 5)) paused = withEvent(paused, one, true);
    assert.equal(paused.held.length, MAX_ROWS);
    assert.equal(paused.held.at(-1)?.kind, 'gap');
    assert.equal(released(paused).rows.length, MAX_ROWS);
  });

  it('tells where something may be missing', () => {
    const window = withEvent(withPage(NO_EVENTS, [event('5-0')]), event('9-0'), false);
    assert.deepEqual(shown(withGap(window, { after: '5-0', oldest: '8-0' }, false)), ['9-0', 'gap 5-1', '5-0']);
  });

  it('goes by ids as two numbers', () => {
    assert.ok(compareIds('10-0', '9-5') > 0 && compareIds('9-10', '9-9') > 0 && compareIds('9', '9-0') === 0);
    assert.deepEqual([justAfter('9-5'), justAfter('9')], ['9-6', '9-1']);
  });
});
