import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { HeldTraces, type HeldTracesOptions } from './held-traces.ts';

function spanOf(traceId: string, name = traceId): ReadableSpan {
  return { name, spanContext: () => ({ traceId, spanId: 's', traceFlags: 0 }) } as ReadableSpan;
}

function make(options: Partial<HeldTracesOptions> = {}) {
  let [nowMs, lost] = [0, 0];
  const held = new HeldTraces({
    lost: (spans) => {
      lost += spans;
    },
    now: () => nowMs,
    ...options,
  });
  return {
    held,
    lost: () => lost,
    at: (ms: number) => {
      nowMs = ms;
    },
  };
}

describe('traces that are held', () => {
  it('gives back what was held, once', () => {
    const { held } = make();
    for (const name of ['1', '2']) held.hold(spanOf('t', name));
    assert.deepEqual(
      held.keep('t', 'slow').map(({ name }) => name),
      ['1', '2'],
    );
    assert.deepEqual([held.keep('t', 'failed'), held.size, held.keptAs('t')], [[], 0, 'slow']);
    held.forget('t');
    assert.equal(held.keptAs('t'), undefined);
  });

  it('holds no more traces than it may: the oldest gives way, and is counted', () => {
    const { held, lost } = make({ maxTraces: 2 });
    for (const id of ['a', 'a', 'b', 'c']) held.hold(spanOf(id));
    assert.deepEqual([held.size, lost(), held.keep('a', 'slow').length], [2, 2, 0]);
    assert.equal(held.keep('b', 'slow').length, 1);
  });

  it('holds no more spans of a trace than it may: the newest stay', () => {
    const { held, lost } = make({ maxSpans: 2 });
    for (const name of ['1', '2', '3']) held.hold(spanOf('t', name));
    assert.deepEqual(
      held.keep('t', 'slow').map(({ name }) => name),
      ['2', '3'],
    );
    assert.equal(lost(), 1);
  });

  it('holds none longer than it may', () => {
    const { held, lost, at } = make({ maxAgeMs: 10 });
    held.hold(spanOf('a'));
    at(10);
    held.hold(spanOf('b'));
    assert.equal(held.size, 2);
    at(11);
    held.hold(spanOf('c'));
    assert.deepEqual([held.size, lost()], [2, 1]);
  });

  it('remembers no more kept traces than it may', () => {
    const { held } = make({ maxKept: 2 });
    for (const id of ['a', 'b', 'c']) held.keep(id, 'failed');
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => held.keptAs(id)),
      [undefined, 'failed', 'failed'],
    );
  });
});
