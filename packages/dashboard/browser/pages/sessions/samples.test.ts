import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection, LiveSession, Session } from '@culvert/contracts';
import { connectionRows, MAX_ROWS } from './connection-rows.ts';
import { type Sample, withSample } from './samples.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');

interface Telling {
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly epoch?: number;
  readonly trouble?: string | null;
  readonly connections?: readonly Connection[];
}

/** What is told `second` seconds after the start. */
function telling(second: number, { trouble = null, connections = [], ...some }: Telling = {}): LiveSession {
  const at = new Date(START + second * 1_000).toISOString();
  const session: Session = {
    ...{ id: 's_1', name: null, tenant: 'acme', state: 'busy', node: 'w1', epoch: 1, connections: connections.length },
    ...{ bytesIn: 0, bytesOut: 0, connectedAt: at, changedAt: at, labels: {}, ...some },
  };
  return { at, session, connections: [...connections], trouble };
}

function samplesOf(...tellings: LiveSession[]): readonly Sample[] {
  return tellings.reduce<readonly Sample[]>(withSample, []);
}

const ratesOf = (samples: readonly Sample[]) => samples.map((one) => [one.inPerSecond, one.outPerSecond]);

describe('the throughput of a session', () => {
  it('is what came between two tellings, a second', () => {
    const samples = samplesOf(
      telling(0),
      telling(2, { bytesIn: 100, bytesOut: 4_000 }),
      telling(3, { bytesIn: 100, bytesOut: 4_500 }),
    );
    assert.deepEqual(ratesOf(samples), [
      [null, null],
      [50, 2_000],
      [0, 500],
    ]);
  });

  it('is not told over a move, a loss of sight, a pause, or counts that went back', () => {
    const known = telling(0, { bytesIn: 10 });
    const broken = [
      telling(1, { bytesIn: 20, epoch: 2 }),
      telling(1, { bytesIn: 20, trouble: 'the worker did not answer' }),
      telling(6, { bytesIn: 20 }),
      telling(1, { bytesIn: 5 }),
    ];
    for (const next of broken) assert.deepEqual(ratesOf(samplesOf(known, next))[1], [null, null]);
    const after = samplesOf(known, telling(1, { bytesIn: 20, trouble: 'x' }), telling(2, { bytesIn: 90 }));
    assert.deepEqual(ratesOf(after)[2], [null, null], 'the registry’s count and the owner’s are of different times');
    assert.deepEqual(
      after.map(({ connections }) => connections),
      [0, null, 0],
    );
  });

  it('is kept for five minutes, and a telling that comes twice counts once', () => {
    const samples = samplesOf(...Array.from({ length: 400 }, (_, second) => telling(second)));
    assert.deepEqual([samples.length, samples.at(-1)?.at], [300, START + 399_000]);
    assert.equal(withSample(samples, telling(399)), samples);
  });
});

describe('the connections of a session', () => {
  const connection = (id: string, opened: number, bytesIn = 0): Connection => ({
    ...{ id, target: 'app:80', kind: 'connect', openedAt: new Date(START + opened).toISOString() },
    ...{ lastByteAt: null, bytesIn, bytesOut: 0, attached: true },
  });

  it('stand in the order in which they were opened, with what each carries', () => {
    const before = telling(0, { connections: [connection('b', 2), connection('a', 1, 100)] });
    const now = telling(2, { connections: [connection('c', 3), connection('b', 2, 50), connection('a', 1, 300)] });
    const { rows, hidden } = connectionRows(now, before);
    assert.deepEqual(
      rows.map(({ connection: { id }, perSecond }) => [id, perSecond]),
      [
        ['a', 100],
        ['b', 25],
        ['c', null],
      ],
    );
    assert.equal(hidden, 0);
  });

  it('are drawn up to a number, and the rest counted', () => {
    const connections = Array.from({ length: MAX_ROWS + 7 }, (_, n) => connection(`c${n}`, n));
    const { rows, hidden } = connectionRows(telling(0, { connections }), undefined);
    assert.deepEqual([rows.length, hidden], [MAX_ROWS, 7]);
  });
});
