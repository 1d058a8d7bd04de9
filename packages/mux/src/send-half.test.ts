import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Budget } from './budget.ts';
import { MIN_KEPT_BYTES, SendHalf } from './send-half.ts';
import { Random } from './testing/random.ts';
import { Limit } from './wire.ts';

/** What would be sent again: the pieces, and their offsets. */
function replayed(half: SendHalf): { bytes: Buffer; offsets: number[]; pieces: Buffer[]; told: number } {
  const pieces: Buffer[] = [];
  const offsets: number[] = [];
  const told = half.replay((offset, piece) => {
    offsets.push(offset);
    pieces.push(piece);
  });
  return { bytes: Buffer.concat(pieces), offsets, pieces, told };
}

describe('what is kept until it is acknowledged', () => {
  it('is bounded by the budget, whatever window the peer opens', () => {
    const budget = new Budget(50_000);
    const first = new SendHalf(40_000, budget);
    const second = new SendHalf(40_000, budget);
    assert.deepEqual([first.credit, second.credit], [40_000, 40_000]);
    const third = new SendHalf(40_000, budget);
    assert.equal(third.credit, MIN_KEPT_BYTES, 'the minimum is there for everyone');
    third.acknowledge(0, Limit.WINDOW_BYTES, false);
    assert.equal(third.credit, MIN_KEPT_BYTES, 'a large window opens nothing without a budget');
    first.close();
    third.acknowledge(0, Limit.WINDOW_BYTES, false);
    assert.equal(third.credit, MIN_KEPT_BYTES, 'all or nothing: the rest of the budget is too small');
    third.close();
    second.close();
    second.close();
    assert.equal(budget.reserved, 0);
  });

  it('moves on with what is acknowledged', () => {
    const half = new SendHalf(1_000_000, new Budget(0));
    half.keep(Buffer.alloc(MIN_KEPT_BYTES));
    assert.deepEqual([half.credit, half.unacknowledged], [0, MIN_KEPT_BYTES]);
    half.acknowledge(6_000, 1_000_000, false);
    assert.deepEqual([half.credit, half.unacknowledged], [6_000, MIN_KEPT_BYTES - 6_000]);
  });

  it('is sent again from the very byte, in pieces that fit a frame, by reference', () => {
    const half = new SendHalf(1_000_000, new Budget(1_000_000));
    const bytes = new Random(1).bytes(150_000);
    half.keep(bytes.subarray(0, 20_000));
    half.keep(bytes.subarray(20_000));
    assert.deepEqual(replayed(half).offsets, [0, 20_000, 20_000 + Limit.DATA_BYTES]);
    half.acknowledge(30_001, 1_000_000, false);
    const again = replayed(half);
    assert.deepEqual([again.told, again.offsets], [119_999, [30_001, 30_001 + Limit.DATA_BYTES]]);
    assert.ok(again.bytes.equals(bytes.subarray(30_001)));
    assert.ok(again.pieces.every((piece) => piece.length <= Limit.DATA_BYTES && piece.buffer === bytes.buffer));
    half.acknowledge(150_000, 1_000_000, false);
    assert.deepEqual(replayed(half), { bytes: Buffer.alloc(0), offsets: [], pieces: [], told: 0 });
  });

  it('many small pieces are joined: a kept byte does not cost an object', () => {
    const half = new SendHalf(1_000_000, new Budget(1_000_000));
    const bytes = new Random(2).bytes(3_000);
    for (let at = 0; at < 3_000; at += 1) half.keep(bytes.subarray(at, at + 1));
    const { pieces } = replayed(half);
    assert.ok(pieces.length < 300, `${pieces.length} pieces`);
    assert.ok(replayed(half).bytes.equals(bytes));
  });

  it('of any sizes, acknowledged anywhere, is what was written', () => {
    const random = new Random(3);
    for (let round = 0; round < 50; round += 1) {
      const half = new SendHalf(Limit.WINDOW_BYTES, new Budget(Limit.WINDOW_BYTES));
      let all = Buffer.alloc(0);
      let acked = 0;
      for (let i = 0; i < 400; i += 1) {
        const piece = random.bytes(1 + random.below(random.chance(0.1) ? 3_000 : 20));
        half.keep(piece);
        all = Buffer.concat([all, piece]);
        if (!random.chance(0.05)) continue;
        acked += random.below(all.length - acked + 1);
        half.acknowledge(acked, Limit.WINDOW_BYTES, false);
      }
      const again = replayed(half);
      assert.ok(again.bytes.equals(all.subarray(acked)), `round ${round}`);
      assert.equal(again.told, all.length - acked);
    }
  });

  it('is let go of with its end', () => {
    const budget = new Budget(100_000);
    const half = new SendHalf(100_000, budget);
    half.keep(Buffer.alloc(50_000));
    half.close();
    assert.deepEqual([replayed(half).pieces.length, budget.reserved], [0, 0]);
  });
});

describe('acknowledgements', () => {
  const half = () => {
    const made = new SendHalf(1_000, new Budget(1_000_000));
    made.keep(Buffer.alloc(400));
    made.acknowledge(300, 1_000, false);
    return made;
  };

  for (const [what, offset, window, end, rule] of [
    ['of what was not sent', 401, 1_000, false, /^S1: /],
    ['that goes back', 299, 2_000, false, /^S2: /],
    ['that takes credit back', 300, 999, false, /^S3: /],
    ['of an end that was not sent', 400, 1_000, true, /^S4: /],
  ] as const) {
    it(`one ${what} is a fault, and changes nothing`, () => {
      const made = half();
      assert.throws(() => made.acknowledge(offset, window, end), { message: rule });
      assert.deepEqual([made.credit, made.unacknowledged, made.endAcked], [900, 100, false]);
    });
  }

  it('of the end: all of it has arrived, and no credit is asked for', () => {
    const made = half();
    made.endSent = true;
    made.acknowledge(400, 0, true);
    assert.deepEqual([made.endAcked, made.unacknowledged, made.credit], [true, 0, 0]);
  });
});
