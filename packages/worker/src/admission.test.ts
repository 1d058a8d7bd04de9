import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { ManualClock } from '@culvert/mux/testing';
import { Admission } from './admission.ts';

/** Comes `count` times; how often it was let in. */
function come(admission: Admission, count: number, slotAt?: number): number {
  let letIn = 0;
  for (let at = 0; at < count; at += 1) {
    try {
      admission.admit(slotAt === undefined ? {} : { slotAt });
      letIn += 1;
    } catch (thrown) {
      assert.ok(thrown instanceof CulvertError && thrown.code === 'overloaded');
      assert.ok((thrown.retryAfterSeconds ?? 0) >= 1 && (thrown.retryAfterSeconds ?? 0) <= 5);
    }
  }
  return letIn;
}

describe('admitting agents', () => {
  it('lets in what its rate lets in, and twice as much after a quiet time, not more', () => {
    const clock = new ManualClock();
    const admission = new Admission({ ratePerSecond: 10, clock });
    assert.equal(come(admission, 50), 20);
    clock.advance(99);
    assert.equal(come(admission, 50), 0);
    clock.advance(1);
    assert.equal(come(admission, 50), 1);
    clock.advance(1_000);
    assert.equal(come(admission, 50), 10);
    clock.advance(3_600_000);
    assert.equal(come(admission, 50), 20);
  });

  it('lets those in who come in their slot, and counts them', () => {
    const clock = new ManualClock();
    const admission = new Admission({ ratePerSecond: 10, clock });
    clock.sleep(100_000);
    assert.equal(come(admission, 15, 100_000), 15);
    assert.equal(come(admission, 10), 5, 'the slots that were given count');
    assert.equal(come(admission, 7, 100_000), 7);
    clock.advance(100);
    assert.equal(come(admission, 3), 1, 'they leave no debt');
  });

  it('a slot is good for its time only', () => {
    const clock = new ManualClock();
    const admission = new Admission({ ratePerSecond: 1, clock });
    clock.sleep(100_000);
    come(admission, 2);
    const soon = [100_251, 100_250, 100_000, 85_001, 85_000, 0];
    assert.deepEqual(
      soon.map((slotAt) => come(admission, 1, slotAt)),
      [0, 1, 1, 1, 0, 0],
    );
  });

  it('sends who is refused away for different times', () => {
    const clock = new ManualClock();
    let at = 0;
    const admission = new Admission({ ratePerSecond: 1, clock, random: () => [0, 0.5, 0.99][at++] ?? 0 });
    come(admission, 2);
    const retries = [0, 1, 2].map(() => {
      try {
        admission.admit({});
      } catch (thrown) {
        return thrown instanceof CulvertError ? thrown.retryAfterSeconds : undefined;
      }
      return undefined;
    });
    assert.deepEqual(retries, [1, 3, 5]);
  });
});
