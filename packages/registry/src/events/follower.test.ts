import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventEntry } from './entry.ts';
import { EventFollower, type Followed, type FollowedTail } from './follower.ts';
import type { HistoryPart } from './history.ts';
import { EventRing } from './ring.ts';

const entry = (ms: number): EventEntry => ({ id: `${ms}-0`, type: 't.t', fields: {} });

/** A history and a tail in the test's hands: what Redis holds, and what of it the tail has seen. */
function setUp({ ringFrom = '0-0', holds = [] as number[] } = {}) {
  let stored = holds;
  const ring = new EventRing(ringFrom, 100);
  /** What happens when it waits, one after the other. */
  const waits: (() => void)[] = [];
  const tail: FollowedTail = {
    ...{ ring, away: false, version: 0, join: () => undefined, leave: () => undefined },
    changed: async () => {
      if (waits.length === 0) assert.fail('it waits, though there is more to come');
      waits.shift()?.();
    },
  };
  const read = async (after: string): Promise<HistoryPart> => ({
    oldest: stored[0] === undefined ? null : `${stored[0]}-0`,
    newest: stored.length === 0 ? null : `${stored.at(-1)}-0`,
    entries: stored.filter((ms) => ms > Number(after.split('-')[0])).map(entry),
  });
  return {
    ring,
    waits,
    begin: (after?: string) => EventFollower.begin(tail, read, after),
    hold: (now: number[]) => (stored = now),
  };
}

const words = (followed: Followed | undefined) =>
  followed?.kind === 'entries' ? followed.entries.map(({ id }) => id).join(' ') : followed?.kind;

describe('a follower', () => {
  it('that read on before the tail saw it hears nothing twice', async () => {
    const { ring, begin } = setUp({ holds: [1, 2, 3] });
    const follower = await begin('1');
    assert.equal(words(await follower.next()), '2-0 3-0');
    ring.add([1, 2, 3, 4].map(entry));
    assert.equal(words(await follower.next()), '4-0');
  });

  it('that read over a gap before the tail saw it hears of it once', async () => {
    const { ring, begin, waits } = setUp({ ringFrom: '1-0', holds: [7, 8] });
    const follower = await begin('1-0');
    assert.deepEqual([words(await follower.next()), words(await follower.next())], ['gap', '7-0 8-0']);
    waits.push(() => {
      ring.addGap({ after: '1-0', oldest: '7-0', next: '1-0' });
      ring.add([7, 8, 9].map(entry));
    });
    assert.equal(words(await follower.next()), '9-0');
  });

  it('whose place is from before the ids went back asks Redis first', async () => {
    const { ring, begin, hold } = setUp({ holds: [90, 95] });
    const follower = await begin('90');
    ring.add([entry(95)]);
    ring.addGap({ after: '95-0', oldest: '3-0', next: '0-0' });
    hold([3, 4]);
    ring.add([3, 4].map(entry));
    assert.equal(words(await follower.next()), '95-0');
    assert.deepEqual([words(await follower.next()), words(await follower.next())], ['gap', '3-0 4-0']);
  });
});
