import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProbedNode, ProbedWay } from '@culvert/contracts';
import { adviceOf, isStale, matrixOf, timesWords, worstFirst } from './probe-matrix.ts';

const at = '2026-01-01T00:00:00.000Z';
const way = (gateway: string | null, worker: string, ms: ProbedWay['ms'] = {}): ProbedWay => ({
  ...{ gateway, worker, at, ms, failure: null },
});
const node = (id: string, state: 'up' | 'down', failures = 0, role: ProbedNode['role'] = 'worker'): ProbedNode => ({
  ...{ id, role, state, failures, since: at, lastFailure: null },
});

describe('what probes found', () => {
  it('is a matrix: the workers’ own addresses, then the gateways, by workers', () => {
    const matrix = matrixOf([way('g2', 'w1'), way(null, 'w2'), way('g1', 'w2', { http: 5 })]);
    assert.deepEqual(
      [matrix.gateways, matrix.workers],
      [
        [null, 'g1', 'g2'],
        ['w1', 'w2'],
      ],
    );
    assert.equal(matrix.way('g1', 'w2')?.ms.http, 5);
    assert.equal(matrix.way('g1', 'w1'), undefined);
    assert.deepEqual(matrixOf([way('g1', 'w1')]).gateways, ['g1']);
  });

  it('tells the times that there are, with their unit', () => {
    assert.equal(timesWords(way(null, 'w', { http: 52, websocket: 60 })), 'HTTP request 52 ms, WebSocket 60 ms');
    assert.equal(timesWords(way(null, 'w')), '');
  });

  it('is old once rounds are missing', () => {
    const now = Date.parse(at);
    assert.equal(isStale({ at, everyMs: 10_000 }, now + 40_000), false);
    assert.equal(isStale({ at, everyMs: 10_000 }, now + 40_001), true);
    assert.equal(isStale({ at: null, everyMs: null }, now), false);
  });

  it('has first what is down', () => {
    const sorted = worstFirst([
      node('w1', 'up'),
      node('g1', 'up', 0, 'gateway'),
      node('w3', 'up', 1),
      node('w2', 'down', 2),
    ]);
    assert.deepEqual(
      sorted.map(({ id }) => id),
      ['w2', 'w3', 'g1', 'w1'],
    );
  });

  it('says what to do about each failure, known or not', () => {
    assert.match(adviceOf('node_unreachable', 'w1'), /process lives .* culvert logs --node w1$/);
    assert.match(adviceOf('brand_new', 'w1'), /docs\/ERRORS\.md/);
  });
});
