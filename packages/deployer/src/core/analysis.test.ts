import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from './analysis.ts';
import type { Cohort } from './types.ts';

function cohort(more: Partial<Cohort> = {}): Cohort {
  const probes = { asked: 0, failed: 0, p50Ms: null };
  return { nodes: 2, asked: 1_000, opened: 1_000, failed: 0, lost: 0, setup: [], probes, ...more };
}
const probes = { asked: 8, failed: 0 };
const none = { asked: 0, failed: 0 };
const timed = (ms: number, count = 100) => [
  { le: ms / 2, count: 0 },
  { le: ms, count },
  { le: Number.POSITIVE_INFINITY, count },
];

describe('analysis', () => {
  for (const [name, evidence, verdict] of [
    ['as good as before', { new: cohort() }, 'pass'],
    ['as bad as before', { old: cohort({ failed: 100 }), new: cohort({ failed: 110 }) }, 'pass'],
    ['more errors than before', { old: cohort({ failed: 10 }), new: cohort({ failed: 60 }) }, 'fail'],
    ['errors where there were none', { new: cohort({ asked: 40, failed: 5 }) }, 'fail'],
    ['one unlucky connection', { new: cohort({ asked: 20, failed: 1 }) }, 'pass'],
    ['lost connections', { new: cohort({ lost: 20 }) }, 'fail'],
    ['one lost connection', { new: cohort({ opened: 20, lost: 1 }) }, 'pass'],
    ['failing requests of our own', { new: cohort({ asked: 0 }), probes: { asked: 8, failed: 4 } }, 'fail'],
    ['slower', { old: cohort({ setup: timed(20) }), new: cohort({ setup: timed(500) }) }, 'fail'],
    ['a little slower', { old: cohort({ setup: timed(20) }), new: cohort({ setup: timed(200) }) }, 'pass'],
    ['slower, but hardly seen', { old: cohort({ setup: timed(20) }), new: cohort({ setup: timed(500, 9) }) }, 'pass'],
    ['no traffic, our own requests went well', { new: cohort({ asked: 0, opened: 0 }) }, 'pass'],
    ['no traffic of any kind', { new: cohort({ asked: 0, opened: 0 }), probes: none }, 'inconclusive'],
    ['a new node does not answer', { new: cohort({ nodes: 1 }) }, 'inconclusive'],
  ] as const) {
    it(`${name}: ${verdict}`, () => {
      const judged = judge({ old: cohort(), probes, expected: 2, ...evidence });
      assert.equal(judged.verdict, verdict, judged.because);
    });
  }
});
