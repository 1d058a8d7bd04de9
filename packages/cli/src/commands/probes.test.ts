import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { ProbeReport } from '@culvert/contracts';
import { probesText } from './probes.ts';

const at = '2026-01-01T00:00:00.000Z';
const failure = { check: 'http', code: 'timeout', message: 'an HTTP request: not in time', at } as const;
const node = { state: 'up', failures: 0, since: at, lastFailure: null } as const;
const report: ProbeReport = {
  at,
  everyMs: 10_000,
  nodes: [
    { ...node, id: 'g-1', role: 'gateway' },
    { ...node, id: 'w-1', role: 'worker' },
    { id: 'w-2', role: 'worker', state: 'down', failures: 3, since: at, lastFailure: failure },
  ],
  ways: [
    { gateway: null, worker: 'w-1', at, ms: { http: 3 }, failure: null },
    { gateway: null, worker: 'w-2', at, ms: {}, failure },
    { gateway: 'g-1', worker: 'w-1', at, ms: { http: 12 }, failure: null },
  ],
};
const linesOf = (given: ProbeReport) => stripVTControlCharacters(probesText(given)).split('\n');

describe('culvert probes', () => {
  it('shows gateways by workers, and what is wrong', () => {
    assert.deepEqual(linesOf(report), [
      'Last round 2026-01-01T00:00:00.000Z, every 10 s: 1 of 3 down',
      '',
      'WORKER   DIRECT  G-1',
      'w-1           3   12',
      'w-2     timeout    -',
      '',
      'worker w-2: down, 2026-01-01T00:00:00.000Z (http, timeout): an HTTP request: not in time',
      '',
    ]);
  });

  it('says that all is well, and that there is nothing to say', () => {
    const well = { ...report, nodes: report.nodes.slice(0, 2), ways: report.ways.slice(0, 1) };
    assert.match(linesOf(well)[0] ?? '', /all is well$/);
    assert.match(linesOf({ at: null, everyMs: null, nodes: [], ways: [] })[0] ?? '', /^There are no probes/);
    assert.match(linesOf({ ...report, ways: [] })[2] ?? '', /^Nothing was probed/);
  });
});
