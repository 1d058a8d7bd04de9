import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Attempts } from './redis-attempts.ts';

/** Answers each of these, then the last one for ever; `seen` resolves when all were asked for. */
function answering(...outcomes: string[]): { attempt: () => Promise<string>; seen: Promise<void> } {
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  const left = [...outcomes];
  const attempt = async (): Promise<string> => {
    const [next = ''] = left;
    if (left.length > 1) left.shift();
    else resolve();
    return next;
  };
  return { attempt, seen };
}

describe('attempts that are repeated', () => {
  it('are counted by what came of them, in the order in which that changed', async () => {
    const { attempt, seen } = answering('ok', 'ok', 'away', 'lost', 'away', 'ok');
    await using attempts = new Attempts(attempt, 1);
    await seen;
    await attempts.stop();
    assert.deepEqual(
      attempts.runs.map(({ outcome }) => outcome),
      ['ok', 'away', 'lost', 'away', 'ok'],
    );
    assert.deepEqual(attempts.others('ok'), { away: 2, lost: 1 });
    assert.equal(attempts.runs[0]?.count, 2);
    assert.equal(
      attempts.count,
      attempts.runs.reduce((sum, { count }) => sum + count, 0),
    );
  });

  it('tell the longest time in which none came to anything else, over different outcomes', async () => {
    const { attempt, seen } = answering('ok', 'away', 'lost', 'ok', 'away', 'ok');
    await using attempts = new Attempts(attempt, 1);
    await seen;
    await attempts.stop();
    const [, away, lost] = attempts.runs;
    assert.ok(away && lost);
    const longestMs = attempts.longestMs((outcome) => outcome !== 'ok');
    assert.ok(longestMs >= lost.untilMs - away.sinceMs);
    assert.ok(attempts.longestMs((outcome) => outcome === 'lost') <= longestMs);
    assert.equal(
      attempts.longestMs((outcome) => outcome === 'never'),
      0,
    );
  });

  it('one that rejects ends them, and is told when they are stopped', async () => {
    await using attempts = new Attempts(() => Promise.reject(new Error('no answer at all')), 1);
    await assert.rejects(attempts.stop(), /no answer at all/);
  });
});
