import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes, count, counted, percent, rate } from './quantities.ts';
import { absolute, duration, relative } from './times.ts';
import { toneOf } from './tone.ts';

describe('numbers for people', () => {
  it('have units of a thousand', () => {
    assert.deepEqual([0, 999, 1000, 1_234_567, 999_999].map(bytes), ['0 B', '999 B', '1.0 kB', '1.2 MB', '1.0 MB']);
    assert.equal(rate(2_500_000), '2.5 MB/s');
  });

  it('are grouped, and counted in words', () => {
    assert.deepEqual([7, 1234, 12_345_678].map(count), ['7', '1\u202f234', '12\u202f345\u202f678']);
    assert.deepEqual(
      [counted(1, 'node'), counted(2, 'node'), counted(0, 'entry', 'entries')],
      ['1 node', '2 nodes', '0 entries'],
    );
  });

  it('are never rounded up to all', () => {
    assert.deepEqual(
      [percent(1), percent(0.99999), percent(0.5), percent(0.99954, 2)],
      ['100 %', '99.99 %', '50 %', '99.95 %'],
    );
  });
});

describe('times for people', () => {
  it('are told in their largest unit', () => {
    const spans = [-5, 380, 4_200, 42_000, 180_000, 5 * 3_600_000, 2 * 86_400_000];
    assert.deepEqual(spans.map(duration), ['0 s', '380 ms', '4.2 s', '42 s', '3 min', '5 h', '2 d']);
  });

  it('are relative to now', () => {
    const now = 1_700_000_000_000;
    const times = [now, now - 5_300, now - 61_000, now + 3_600_000].map((at) => relative(at, now));
    assert.deepEqual(times, ['just now', '5 s ago', '1 min ago', 'in 1 h']);
  });

  it('are absolute to the second, with the zone', () => {
    assert.match(absolute(1_700_000_000_000), /^\d{1,2} Nov 2023,? \d\d:\d\d:\d\d \S+/);
  });
});

it('what a state means is told, and nothing of one that nobody knows', () => {
  assert.deepEqual(['ready', 'busy', 'cordoned', 'dead', 'whatever'].map(toneOf), [
    'good',
    'busy',
    'warn',
    'bad',
    'neutral',
  ]);
});
