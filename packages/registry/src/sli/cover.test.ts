import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SLI_SPANS } from '@culvert/telemetry';
import { cover, startsOf } from './cover.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const NOW = Date.UTC(2026, 4, 20, 10, 17, 42);

function spansOf(fromMs: number, toMs: number, nowMs = NOW): string {
  const names = cover(fromMs, toMs, nowMs).spans.map(({ span }) => span);
  const count = (span: string): number => names.filter((name) => name === span).length;
  return `${count('day')}d ${count('hour')}h ${count('minute')}m`;
}

describe('spans that cover a time', () => {
  it('takes minutes at the edges, hours next to them and days between', () => {
    assert.equal(spansOf(Date.UTC(2026, 4, 17, 22, 58), Date.UTC(2026, 4, 19, 2, 3)), '1d 3h 5m');
    assert.equal(spansOf(NOW - 5 * MINUTE, NOW), '0d 0h 6m');
  });

  it('what is under way stands for the rest of the time', () => {
    assert.equal(spansOf(Date.UTC(2026, 4, 20), NOW), '1d 0h 0m');
    assert.equal(spansOf(Date.UTC(2026, 4, 20), NOW - 1), '0d 10h 18m');
  });

  it('starts where counts are still kept, and says so', () => {
    const before = cover(NOW - 30 * DAY, NOW, NOW);
    assert.equal(before.fromMs, Date.UTC(2026, 3, 20, 10));
    assert.equal(cover(NOW - 90 * DAY, NOW, NOW).fromMs, Date.UTC(2026, 1, 19));
    assert.ok(cover(0, NOW, NOW).spans.length <= 401);
  });

  it('leaves no gap, overlaps nothing and stays bounded, whatever is asked for', () => {
    let seed = 0x5eed;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let round = 0; round < 2_000; round += 1) {
      const fromMs = NOW - Math.floor(random() ** 3 * 380 * DAY) - 1;
      const toMs = fromMs + 1 + Math.floor(random() * (NOW + HOUR - fromMs));
      const { fromMs: from, toMs: to, spans } = cover(fromMs, toMs, NOW);
      assert.ok(from <= fromMs && to >= Math.min(toMs, NOW), `${fromMs}..${toMs} is within ${from}..${to}`);
      let at = from;
      for (const { span, startMs } of spans) {
        assert.equal(startMs, at, `${fromMs}..${toMs}: ${span}`);
        assert.equal(startMs % SLI_SPANS[span].ms, 0);
        assert.ok(
          startMs > NOW - SLI_SPANS[span].keptMs + SLI_SPANS[span].ms - 1,
          `${span} of ${startMs} is still kept`,
        );
        at += SLI_SPANS[span].ms;
      }
      assert.ok(spans.length <= 620, String(spans.length));
    }
  });

  it('refuses a time that ends before it begins', () => {
    assert.throws(() => cover(NOW, NOW, NOW), { code: 'invalid_request' });
    assert.throws(() => cover(Number.NaN, NOW, NOW), { code: 'invalid_request' });
  });

  it('lists the starts of one length that touch a time', () => {
    assert.deepEqual(startsOf('hour', 5 * HOUR + 1, 7 * HOUR), [5 * HOUR, 6 * HOUR]);
    assert.deepEqual(startsOf('hour', 7 * HOUR, 7 * HOUR), []);
  });
});
