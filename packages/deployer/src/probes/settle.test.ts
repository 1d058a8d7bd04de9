import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProbeReport } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { type Failure, settle, type WayResult } from './settle.ts';
import { gatewayOf, workerOf } from './testing/nodes.ts';

const NODES = [gatewayOf('g1'), gatewayOf('g2'), workerOf('w1'), workerOf('w2')];
const TIMEOUT: Failure = { check: 'http', code: 'timeout', message: 'it took too long' };
const REFUSED: Failure = { check: 'session', code: 'draining', message: 'no' };

const way = (gateway: string | null, worker: string, failure?: Failure): WayResult => ({
  ...{ gateway, worker, failure },
  ms: failure === undefined ? { http: 5 } : {},
});

/** Rounds that follow each other, a second apart. */
class Rounds {
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  report: Pick<ProbeReport, 'nodes' | 'ways'> | undefined;

  next(ways: readonly WayResult[], over: { sessions?: [string, Failure][]; nodes?: readonly NodeView[] } = {}) {
    this.nowMs += 1_000;
    const { sessions = [], nodes = NODES } = over;
    const found = { nowMs: this.nowMs, everyMs: 1_000, sessions: new Map(sessions), ways, nodes };
    const { changes, ...report } = settle(this.report, found);
    this.report = report;
    return changes.map(({ type, node }) => `${type} ${node.id}`);
  }

  get down(): string[] {
    return this.report?.nodes.filter(({ state }) => state === 'down').map(({ id }) => id) ?? [];
  }
}

const WELL = [way(null, 'w1'), way(null, 'w2'), way('g1', 'w1'), way('g2', 'w2')];

describe('what a round of probes changes', () => {
  it('is nothing while all is well', () => {
    const rounds = new Rounds();
    assert.deepEqual(rounds.next(WELL), []);
    assert.deepEqual(
      rounds.report?.nodes.map(({ id, state }) => `${id} ${state}`),
      ['g1 up', 'g2 up', 'w1 up', 'w2 up'],
    );
    assert.equal(rounds.report?.ways.length, 4);
  });

  it('is a node that fails twice in a row, told once, and its recovery', () => {
    const rounds = new Rounds();
    const bad = [way(null, 'w1', TIMEOUT), way('g1', 'w1', TIMEOUT), way(null, 'w2'), way('g2', 'w2')];
    assert.deepEqual(rounds.next(bad), []);
    assert.deepEqual(rounds.next(WELL), [], 'one failure may have a reason of its own');
    assert.deepEqual(rounds.next(bad), []);
    assert.deepEqual(rounds.next(bad), ['probe.failed w1']);
    assert.deepEqual(rounds.next(bad), [], 'once');
    assert.deepEqual(rounds.down, ['w1'], 'and the gateway is not to blame');
    assert.deepEqual(rounds.next(WELL), ['probe.recovered w1']);
    assert.deepEqual(rounds.down, []);
    assert.equal(rounds.report?.nodes.find(({ id }) => id === 'w1')?.lastFailure?.code, 'timeout', 'it is remembered');
  });

  it('is a gateway when the workers behind it are well', () => {
    const rounds = new Rounds();
    const bad = [way(null, 'w1'), way(null, 'w2'), way('g1', 'w1', TIMEOUT), way('g2', 'w2')];
    rounds.next(bad);
    assert.deepEqual(rounds.next(bad), ['probe.failed g1']);
  });

  it('leaves a gateway as it was when nothing fair can be said of it', () => {
    const rounds = new Rounds();
    rounds.next([way(null, 'w1'), way('g1', 'w1', TIMEOUT)]);
    rounds.next([], { sessions: [['w1', REFUSED]] });
    assert.equal(rounds.report?.nodes.find(({ id }) => id === 'g1')?.failures, 1);
  });

  it('is a worker that takes no session', () => {
    const rounds = new Rounds();
    const over = { sessions: [['w2', REFUSED]] as [string, Failure][] };
    rounds.next([way(null, 'w1')], over);
    assert.deepEqual(rounds.next([way(null, 'w1')], over), ['probe.failed w2']);
  });

  it('is a node that dies; one that is dead for long is no news, one that was never probed none at all', () => {
    const rounds = new Rounds();
    rounds.next(WELL);
    const nodes = [...NODES.slice(0, 3), workerOf('w2', { state: 'dead' }), workerOf('w9', { state: 'dead' })];
    const rest = [way(null, 'w1'), way('g1', 'w1'), way('g2', 'w1')];
    rounds.next(rest, { nodes });
    assert.deepEqual(rounds.next(rest, { nodes }), ['probe.failed w2']);
    rounds.nowMs += 300_000;
    rounds.next(rest, { nodes });
    assert.deepEqual(
      rounds.report?.nodes.map(({ id }) => id),
      ['g1', 'g2', 'w1'],
    );
  });

  it('is never a node that was taken out of service: it is forgotten, with its ways', () => {
    const rounds = new Rounds();
    const bad = [way(null, 'w1', TIMEOUT), way(null, 'w2')];
    rounds.next(bad);
    rounds.next(bad);
    assert.deepEqual(rounds.down, ['w1']);
    const nodes = [gatewayOf('g1'), workerOf('w1', { cordoned: true }), workerOf('w2')];
    assert.deepEqual(rounds.next([way(null, 'w2'), way('g1', 'w2')], { nodes }), []);
    assert.deepEqual(
      rounds.report?.nodes.map(({ id }) => id),
      ['g1', 'w2'],
    );
    assert.deepEqual(
      rounds.report?.ways.map(({ worker }) => worker),
      ['w2', 'w2'],
    );
  });

  it('keeps the ways of earlier rounds, the newest last', () => {
    const rounds = new Rounds();
    rounds.next([way('g1', 'w1'), way('g2', 'w2')]);
    rounds.next([way('g1', 'w2', TIMEOUT), way('g1', 'w1', TIMEOUT)]);
    assert.deepEqual(
      rounds.report?.ways.map(({ gateway, worker, failure }) => `${gateway} ${worker} ${failure?.code ?? 'ok'}`),
      ['g2 w2 ok', 'g1 w2 timeout', 'g1 w1 timeout'],
    );
  });
});
