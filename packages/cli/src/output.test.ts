import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ago, bytes, type Column, fields, table } from './output.ts';

describe('output for people', () => {
  it('aligns columns, numbers at the right, and says something when there is nothing', () => {
    interface Row {
      readonly id: string;
      readonly n: number;
    }
    const columns: Column<Row>[] = [
      { title: 'ID', value: (row: Row) => row.id },
      { title: 'N', value: (row: Row) => String(row.n), right: true },
    ];
    const rows = [
      { id: 'a', n: 5 },
      { id: 'bcd', n: 12 },
    ];
    assert.equal(stripVTControlCharacters(table(rows, columns, '')), 'ID    N\na     5\nbcd  12\n');
    assert.equal(table([], columns, 'none'), 'none\n');
  });

  it('lines up the values of fields', () => {
    const text = fields([
      ['a', '1'],
      ['bcd', '2'],
    ]);
    assert.equal(stripVTControlCharacters(text), 'a    1\nbcd  2\n');
  });

  it('gives bytes a unit', () => {
    assert.deepEqual([0, 1023, 1024, 1536, 10 * 1024, 5 * 1024 ** 3].map(bytes), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '10 KiB',
      '5.0 GiB',
    ]);
  });

  it('tells how long ago', () => {
    const now = 1_000_000_000;
    const before = (seconds: number) => ago(now - seconds * 1000, now);
    assert.deepEqual([0, 5, 300, 7_200, 172_800].map(before), ['now', '5 s ago', '5 min ago', '2 h ago', '2 d ago']);
    assert.equal(ago(new Date(now - 61_000).toISOString(), now), '61 s ago');
    assert.equal(ago(now + 3_600_000, now), 'in 60 min');
    assert.equal(ago(null, now), '-');
  });
});
