import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteRates } from './byte-rates.ts';

/** Looks at one connection at some moments, in s, with so many bytes passed; what each look told. */
function lookedAt(looks: readonly (readonly [s: number, bytes: number])[]): (number | null)[] {
  const rates = new ByteRates();
  return looks.map(([s, bytes]) => {
    rates.begin();
    return rates.look('c', bytes, s * 1_000).bytesPerSecond;
  });
}

describe('how fast connections are', () => {
  it('is known from the second look on, a second later at the earliest', () => {
    assert.deepEqual(
      lookedAt([
        [0, 500],
        [0.9, 1_000],
        [2, 1_500],
      ]),
      [null, null, 500],
    );
  });

  it('is over the last 5 to 10 s when somebody looks often, or since the last look', () => {
    const often = Array.from({ length: 21 }, (_, s) => [s, s <= 10 ? s * 100 : 1_000] as const);
    assert.deepEqual([lookedAt(often)[10], lookedAt(often)[20]], [100, 0]);
    assert.deepEqual(
      lookedAt([
        [0, 0],
        [100, 50_000],
        [200, 50_000],
      ]),
      [null, 500, 0],
    );
  });

  it('is not known of one that counts anew', () => {
    assert.deepEqual(
      lookedAt([
        [0, 9_000],
        [2, 10],
      ]),
      [null, null],
    );
  });

  it('tells by when the last byte had passed', () => {
    const rates = new ByteRates();
    const changed = [100, 100, 200, 200].map((bytes, s) => {
      rates.begin();
      return rates.look('c', bytes, s * 1_000).changedAtMs;
    });
    assert.deepEqual(changed, [null, null, 2_000, 2_000]);
  });

  it('forgets what was not in the last round', () => {
    const rates = new ByteRates();
    rates.begin();
    rates.look('gone', 1, 0);
    rates.begin();
    rates.begin();
    assert.equal(rates.look('gone', 1_000, 2_000).bytesPerSecond, null);
  });
});
