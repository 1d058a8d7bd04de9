import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entry } from '../testing/deployment-fixtures.ts';
import { bar } from './bar.ts';
import { rendered } from './line.ts';
import { newEntries } from './log.ts';
import { span, timer } from './time.ts';

describe('the pieces of a view', () => {
  it('bars are as wide as asked, and show the last busy session', () => {
    const cells = (busy: number, idle: number, gone: number, width: number): string =>
      bar({ busy, idle, gone }, width)
        .map(({ text }) => text)
        .join('');
    assert.equal(cells(1, 1, 2, 8), '██▒▒····');
    assert.equal(cells(1, 0, 9_999, 8), '█·······');
    assert.equal(cells(1, 1, 9_998, 8), '█▒······');
    assert.equal(cells(1, 1, 1, 8), '██▒▒▒···');
    assert.equal(cells(0, 0, 0, 4), '    ');
    for (const [busy, idle, gone] of [
      [7, 7, 7],
      [1, 2, 300],
      [333, 1, 1],
      [5, 5, 0],
    ] as const)
      for (const width of [8, 9, 10, 31]) assert.equal(cells(busy, idle, gone, width).length, width);
  });

  it('lines are cut at the width, before they are coloured', () => {
    const paint = (text: string): string => `<${text}>`;
    const line = [{ text: 'abc' }, { text: 'défg', paint }, { text: 'h' }];
    assert.deepEqual(
      [8, 7, 4, 3, 1].map((width) => rendered(line, width)),
      ['abc<défg>h', 'abc<déf>…', 'abc…', 'ab…', '…'],
    );
    assert.equal(rendered([{ text: 'a\u001b[2Jb\n' }], 20), 'a·[2Jb·');
  });

  it('times are short', () => {
    assert.deepEqual([-5, 7_999, 725_000, 3_723_000].map(timer), ['0:00', '0:07', '12:05', '1:02:03']);
    assert.deepEqual([0, 80, 999, 4_200, 9_949, 9_950, 35_400, 303_000, 300_000, 7_800_000, 273_600_000].map(span), [
      '0 ms',
      '80 ms',
      '999 ms',
      '4.2 s',
      '9.9 s',
      '10 s',
      '35 s',
      '5 min 3 s',
      '5 min',
      '2 h 10 min',
      '3 d 4 h',
    ]);
  });

  it('a log of which the beginning is dropped is told without a repetition or a gap', () => {
    const all = [1, 1, 2, 2, 3, 4].map((n) => entry(n, `e${n}`));
    const told = (before: [number, number], after: [number, number]): string =>
      newEntries(all.slice(...before), all.slice(...after))
        .map(({ message }) => message)
        .join(' ');
    assert.equal(told([0, 0], [0, 3]), 'e1 e1 e2');
    assert.equal(told([0, 3], [0, 4]), 'e2');
    assert.equal(told([0, 4], [2, 6]), 'e3 e4');
    assert.equal(told([0, 2], [4, 6]), 'e3 e4');
    assert.equal(told([0, 6], [0, 6]), '');
  });
});
