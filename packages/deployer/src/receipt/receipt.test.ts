import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CANARY_TENANT, type DrainedSession, type ReattachRecord, Receipt } from '@culvert/contracts';
import { ClusterSecret, fillRequest, verifyReceipt } from '@culvert/service';
import type { CoreState, Unit } from '../core/types.ts';
import { buildReceipt, receiptMaker } from './receipt.ts';

const secret = ClusterSecret.parse('a secret for tests that is long enough');
const T0 = Date.parse('2026-01-01T00:00:00.000Z');
const at = (seconds: number): string => new Date(T0 + seconds * 1_000).toISOString();

const unit = (id: string, more: Partial<Unit> = {}): Unit => ({
  ...{ old: { id, boot: `${id}-b`, version: '1' }, replacement: `${id}.k3f9`, wave: 1, step: 'done', attempt: 1 },
  ...{ state: 'done', enteredAtMs: T0, deadlineAtMs: null, evidence: [], notes: {}, ...more },
});

const state: CoreState = {
  ...{ id: 'd_1', request: fillRequest({ version: '2' }), state: 'succeeded', resumeTo: null, enteredAtMs: T0 },
  ...{ createdAtMs: T0 - 5_000, createdBy: 'k', startedAtMs: T0, finishedAtMs: T0 + 60_000, reason: null },
  ...{ units: [unit('w-1'), unit('w-2')], notes: {}, log: [] },
};

const drained = (id: string, more: Partial<DrainedSession> = {}): DrainedSession => ({
  ...{ id, tenant: 'acme', name: null, outcome: 'moved', to: 'w-2' },
  ...{ connectionsMoved: 0, connectionsFinished: 0, connectionsLost: 0, at: at(10), ...more },
});

let seq = 0;
const record = (session: string, more: Partial<ReattachRecord> = {}): ReattachRecord => {
  seq += 1;
  return {
    ...{ seq, at: at(10), session, connection: `c_${seq}`, from: 'w-1', to: 'w-2', why: 'draining' },
    ...{ outcome: 'resumed', code: null, gapMs: 0, replayedBytes: 0, ...more },
  };
};

function build(sessions: Readonly<Record<string, DrainedSession>>, records: readonly ReattachRecord[] = []) {
  const touched = new Map<string, unknown>([['k/gateway-1', { boot: 'g', after: 9 }]]);
  for (const [key, value] of Object.entries(sessions)) touched.set(`s/${key}`, value);
  for (const value of records) touched.set(`r/g/${value.seq}`, value);
  return buildReceipt(state, touched, T0 + 99_000);
}

describe('a receipt', () => {
  it('says what was deployed, when, and of which nodes', () => {
    const { totals, sessions, ...about } = build({});
    assert.deepEqual(about, {
      ...{ id: 'd_1', version: '2', role: 'worker', pool: 'default', strategy: 'rolling', policy: 'move' },
      ...{ state: 'succeeded', startedAt: at(0), finishedAt: at(60) },
      nodes: [
        { id: 'w-1', replacement: 'w-1.k3f9', state: 'done' },
        { id: 'w-2', replacement: 'w-2.k3f9', state: 'done' },
      ],
    });
    assert.deepEqual([totals.sessions, totals.gapMs, sessions], [0, { p50: 0, p99: 0, max: 0 }, []]);
  });

  it('is of customers: the sessions by which the cluster probes itself are not in it', () => {
    const { sessions, totals } = build({
      'w-1/s_1': drained('s_1'),
      'w-1/s_2': drained('s_2', { tenant: CANARY_TENANT, connectionsLost: 1 }),
    });
    assert.deepEqual([sessions.map(({ id }) => id), totals.connectionsLost], [['s_1'], 0]);
  });

  it('lists every hop of a session, with the gaps that its connections had then', () => {
    const receipt = build(
      {
        'w-2/s_1': drained('s_1', { to: 'w-2.k3f9', at: at(20), connectionsMoved: 1 }),
        'w-1/s_1': drained('s_1', { connectionsMoved: 2, connectionsFinished: 3 }),
        'w-1/s_2': drained('s_2', { outcome: 'closed_idle', to: 'w-2' }),
      },
      [
        record('s_1', { gapMs: 40, replayedBytes: 10 }),
        record('s_1', { gapMs: 60, replayedBytes: 5 }),
        record('s_1', { from: 'w-2', to: 'w-2.k3f9', at: at(20), gapMs: 7 }),
      ],
    );
    const hops = receipt.sessions.map((one) => [one.id, one.from, one.to, one.outcome, one.gapMs, one.bytesReplayed]);
    assert.deepEqual(hops, [
      ['s_1', 'w-1', 'w-2', 'moved', 60, 15],
      ['s_2', 'w-1', 'w-2', 'closed_idle', null, 0],
      ['s_1', 'w-2', 'w-2.k3f9', 'moved', 7, 0],
    ]);
    assert.deepEqual(receipt.totals, {
      ...{ sessions: 2, movedSessions: 1, closedIdle: 1, connectionsMoved: 3, connectionsFinished: 3 },
      ...{ connectionsLost: 0, bytesReplayed: 15, gapMs: { p50: 40, p99: 60, max: 60 } },
    });
  });

  it('believes the edge when a connection that the worker saw go never came through', () => {
    const lost = { outcome: 'lost', code: 'resume_expired', gapMs: 60_000 } as const;
    const { sessions, totals } = build({ 'w-1/s_1': drained('s_1', { connectionsMoved: 3, connectionsLost: 1 }) }, [
      record('s_1', { connection: 'c_a', gapMs: 5 }),
      record('s_1', { connection: 'c_b', ...lost }),
      // Lost once more on the way, and there in the end.
      record('s_1', { connection: 'c_c', gapMs: 9 }),
      record('s_1', { connection: 'c_c', at: at(11), gapMs: 8 }),
    ]);
    assert.deepEqual([sessions[0]?.connectionsMoved, sessions[0]?.connectionsLost, sessions[0]?.gapMs], [2, 2, 60_000]);
    assert.deepEqual(totals.gapMs, { p50: 8, p99: 9, max: 9 });
  });

  it('leaves out what stayed where it was, and losses that are none of its nodes', () => {
    const { sessions } = build({ 'w-1/s_1': drained('s_1', { outcome: null, to: null }) }, [
      record('s_9', { from: 'w-9', to: 'w-9', why: 'link_lost' }),
      record('s_9', { from: null, to: 'w-9', why: 'link_lost' }),
    ]);
    assert.deepEqual(sessions, []);
  });

  it('tells of a session whose worker was gone before it was asked, as far as the edges know', () => {
    const { sessions } = build({}, [
      record('s_1', { from: 'w-2', to: 'w-1.k3f9', gapMs: 30 }),
      record('s_2', { from: 'w-1.k3f9', to: null, outcome: 'lost', gapMs: 1 }),
    ]);
    const told = sessions.map((one) => [one.id, one.from, one.to, one.outcome, one.tenant, one.connectionsLost]);
    assert.deepEqual(told, [
      ['s_1', 'w-2', 'w-1.k3f9', 'moved', '', 0],
      ['s_2', 'w-1.k3f9', null, 'ended', '', 1],
    ]);
  });

  it('gives a loss of an unknown worker to the hop that is closest in time', () => {
    const { sessions } = build(
      { 'w-1/s_1': drained('s_1'), 'w-2/s_1': drained('s_1', { at: at(30), to: 'w-2.k3f9' }) },
      [record('s_1', { from: null, at: at(27), gapMs: 12 })],
    );
    assert.deepEqual(
      sessions.map(({ from, gapMs }) => [from, gapMs]),
      [
        ['w-1', null],
        ['w-2', 12],
      ],
    );
  });

  it('is signed as the cluster’s own, and has the form that the API promises', () => {
    const touched = new Map([['s/w-1/s_1', drained('s_1')]]);
    const receipt = receiptMaker(secret)(state, touched, T0);
    assert.equal(verifyReceipt(secret, JSON.parse(JSON.stringify(receipt))), true);
    assert.deepEqual(Object.keys(Receipt.properties).toSorted(), Object.keys(receipt).toSorted());
    const [session] = receipt.sessions;
    assert.ok(session);
    const altered = { ...receipt, sessions: [{ ...session, connectionsLost: 1 }] };
    assert.equal(verifyReceipt(secret, altered), false);
  });
});
