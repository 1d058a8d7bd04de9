import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hintOf } from './sign-in-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('what is said of the sign-in’s time', () => {
  it('is nothing until five minutes before it ends', () => {
    const time = { toldAt: 0, until: HOUR, endsAt: 12 * HOUR };
    assert.deepEqual(hintOf(time, 0), { kind: 'none' });
    assert.deepEqual(hintOf(time, 55 * MINUTE - 1), { kind: 'none' });
    assert.deepEqual(hintOf(time, 55 * MINUTE), { kind: 'idle', leftMs: 5 * MINUTE });
    assert.deepEqual(hintOf(time, HOUR - 1), { kind: 'idle', leftMs: 1 });
    assert.deepEqual(hintOf(time, HOUR), { kind: 'over' });
  });

  it('is later where the whole time is short', () => {
    const time = { toldAt: 0, until: 4 * MINUTE, endsAt: HOUR };
    assert.deepEqual(hintOf(time, 3 * MINUTE - 1), { kind: 'none' });
    assert.deepEqual(hintOf(time, 3 * MINUTE), { kind: 'idle', leftMs: MINUTE });
  });

  it('says so when nothing can put it off', () => {
    const time = { toldAt: 0, until: HOUR, endsAt: HOUR };
    assert.deepEqual(hintOf(time, 58 * MINUTE), { kind: 'end', leftMs: 2 * MINUTE });
  });
});
