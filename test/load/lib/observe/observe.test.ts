import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '@culvert/mux/testing';
import { gaugeOf } from './nodes.ts';
import { Growth } from './slope.ts';

describe('Growth', () => {
  it('tells how fast something grows, whatever it wobbles, once it is warm', () => {
    const random = new Random(3);
    const growth = new Growth();
    for (let second = 0; second < 7_200; second += 5) {
      const warming = second < 600 ? second / 10 : 60;
      growth.add(second * 1_000, 100 + warming + (second / 3_600) * 6 + random.next() * 2);
    }
    const perHour = growth.perHour() ?? 0;
    assert.ok(Math.abs(perHour - 6) < 0.5, `${perHour} per hour, not 6`);
  });

  it('takes as much memory for a day as for an hour, and the same slope', () => {
    const growth = new Growth();
    for (let second = 0; second < 86_400; second += 5) growth.add(second * 1_000, second / 3_600);
    assert.ok(Math.abs((growth.perHour() ?? 0) - 1) < 1e-6);
    assert.ok(growth.spanMs > 86_000_000);
  });

  it('says nothing of too little', () => {
    const growth = new Growth();
    assert.equal(growth.perHour(), undefined);
    growth.add(0, 1);
    growth.add(1_000, 2);
    assert.equal(growth.perHour(), undefined);
  });
});

describe('gaugeOf', () => {
  it('reads a gauge in the text of a scrape, and nothing that only begins like it', () => {
    const text = [
      '# HELP memory_bytes x',
      'memory_bytes_more 1',
      'memory_bytes{node="a b"} 123.5 1700000000',
      'other 7',
      'odd NaN',
    ].join('\n');
    assert.equal(gaugeOf(text, 'memory_bytes'), 123.5);
    assert.equal(gaugeOf(text, 'other'), 7);
    assert.equal(gaugeOf(text, 'odd'), undefined);
    assert.equal(gaugeOf(text, 'none'), undefined);
  });
});
