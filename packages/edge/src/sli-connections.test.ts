import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, type ErrorCode } from '@culvert/base';
import { CANARY_TENANT } from '@culvert/contracts';
import { ManualClock } from '@culvert/mux/testing';
import { noCounts, SliRecorder } from '@culvert/telemetry';
import { CanaryLoad } from './canary-load.ts';
import type { ConnectionObserver } from './observer.ts';
import { sliConnections } from './sli-connections.ts';

const turn = () => new Promise(setImmediate);
const resumption = { gapMs: 120, replayedBytes: 0, from: 'w1', to: 'w2' };
const STREAM = { bytesSent: 0, bytesReceived: 0, unacknowledged: 0, unconsumed: 0, window: 0 };
const summary = (reason: ErrorCode | 'end') =>
  ({ closedBy: 'culvert', reason, message: '', bytesIn: 0, bytesOut: 0 }) as const;

class World {
  readonly clock = new ManualClock();
  readonly recorder = new SliRecorder(this.clock);
  readonly told: string[] = [];
  /** What is known of whether the agent is away. */
  away: boolean | Error = false;

  connect(tenantId = 'acme'): ConnectionObserver {
    const agentAway = async () => {
      if (this.away instanceof Error) throw this.away;
      return this.away;
    };
    const counted = (tenant: string, outcome: string) => void this.told.push(`${tenant} ${outcome}`);
    const target = { host: 'app', port: 80 };
    const wish = { sessionId: 's_1', tenantId, connectionId: 'c_1', kind: 'connect', target } as const;
    return sliConnections({ recorder: this.recorder, agentAway, counted }).connecting(wish, {});
  }

  get counts() {
    return this.recorder.of('real', 'acme').total();
  }
}

describe('what customers got of their connections', () => {
  it('is counted from the opening to the end', () => {
    const world = new World();
    const one = world.connect();
    one.opened(7, STREAM);
    world.clock.advance(2_000);
    assert.partialDeepStrictEqual(world.counts, { opened: 1, closed: 0, connectionMs: 2_000 });
    one.detached('link_lost', 'w1');
    one.resumed(resumption);
    one.closed(summary('end'), 3_000);
    world.clock.advance(2_000);
    assert.partialDeepStrictEqual(world.counts, { closed: 1, lost: 0, resumed: 1, gapMs: 120, connectionMs: 2_000 });
    assert.equal(world.counts.setup[3], 1, 'above 5 ms, 10 at most');
  });

  it('tells failures of ours from those of others', () => {
    const world = new World();
    world.connect().failed(new CulvertError('recovering'), 5);
    world.connect().failed(new CulvertError('target_unreachable'), 5);
    world.connect().failed(new CulvertError('session_offline', '', { cause: new CulvertError('link_timeout') }), 5);
    assert.partialDeepStrictEqual(world.counts, { failed: 2, excused: 1, opened: 0 });
    assert.deepEqual(world.told, ['acme failed', 'acme excused', 'acme failed']);
  });

  const closes: readonly [what: string, code: ErrorCode | 'end', lost: number, before?: 'detached'][] = [
    ['an orderly end', 'end', 0],
    ['a target that breaks off', 'target_reset', 0],
    ['a session that somebody closed', 'session_closed', 0],
    ['a session that another agent took', 'superseded', 0],
    ['an agent that stops', 'shutting_down', 0],
    ['an edge that stops before there was another path', 'shutting_down', 1, 'detached'],
    ['a drain that was forced', 'draining', 1],
    ['a link that broke where nobody can resume', 'link_lost', 1],
    ['bytes that went missing', 'offset_mismatch', 1, 'detached'],
    ['no path in time', 'resume_expired', 1, 'detached'],
  ];
  for (const [what, code, lost, before] of closes) {
    it(`counts ${what} as ${lost === 1 ? 'a loss' : 'none'}`, async () => {
      const world = new World();
      const one = world.connect();
      one.opened(7, STREAM);
      if (before !== undefined) one.detached('link_lost', 'w1');
      one.closed(summary(code), 3_000);
      await turn();
      assert.partialDeepStrictEqual(world.counts, { closed: 1, lost });
    });
  }

  for (const [away, lost] of [
    [true, 0],
    [false, 1],
    [new CulvertError('registry_unavailable'), 1],
  ] as const) {
    it(`counts no path in time as ${lost === 1 ? 'a loss' : 'none'} when the agent’s absence is ${away}`, async () => {
      const world = new World();
      world.away = away;
      const one = world.connect();
      one.opened(7, STREAM);
      one.lost('resume_expired', 60_000);
      one.closed(summary('resume_expired'), 3_000);
      await turn();
      assert.partialDeepStrictEqual(world.counts, { closed: 1, lost });
    });
  }

  it('is not mixed with the connections of probes, which are told apart', () => {
    const load = new CanaryLoad();
    const wish = { sessionId: 's_1', connectionId: 'c_1', kind: 'connect', target: { host: 'app', port: 80 } } as const;
    const canary = load.connecting({ ...wish, tenantId: CANARY_TENANT });
    canary.opened(1, STREAM);
    load.connecting({ ...wish, tenantId: 'acme' }).opened(1, STREAM);
    assert.equal(load.connections, 1);
    canary.closed(summary('end'), 1);
    assert.equal(load.connections, 0);
  });

  it('is not told by probes', () => {
    const world = new World();
    const probe = world.connect(CANARY_TENANT);
    probe.opened(7, STREAM);
    probe.failed(new CulvertError('internal'), 1);
    assert.deepEqual(world.recorder.total('real'), noCounts());
    assert.deepEqual(world.recorder.changes(), []);
  });
});
