import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ClusterEvent, ClusterEventList } from '@culvert/contracts';
import { allEvents } from './all-events.ts';

const event = (id: string): ClusterEvent => ({
  ...{ id, at: '2026-01-01T00:00:00.000Z', type: 'node.cordoned', node: 'w1', boot: 'b' },
});

it('a download has every page, also after an empty one, a line for each event', async () => {
  const pages: Record<string, ClusterEventList> = {
    '0': { items: [event('1-0'), event('2-0')], next: '2-0' },
    '2-0': { items: [], next: '5-0' },
    '5-0': { items: [event('6-0')], next: null },
  };
  const { lines, count } = await allEvents(async (after) => pages[after] ?? assert.fail(after));
  const ids = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  assert.deepEqual([ids, count], [['1-0', '2-0', '6-0'], 3]);
});

it('a download ends, even if the history does not', async () => {
  const page = { items: Array.from({ length: 500 }, (_, i) => event(`${i}-0`)), next: 'more' };
  const { count } = await allEvents(async () => page);
  assert.equal(count, 25_000);
});
