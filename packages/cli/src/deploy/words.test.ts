import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Receipt, ReceiptSession } from '@culvert/contracts';
import { after, busySessions, deployment } from '../testing/deployment-fixtures.ts';
import { forecastText } from './forecast-words.ts';
import { receiptCsv, receiptText } from './receipt-words.ts';
import { deploymentText } from './show-words.ts';
import { whyText } from './why-words.ts';

const linesOf = (text: string): string[] => stripVTControlCharacters(text).split('\n');

const session = (id: string, given: Partial<ReceiptSession> = {}): ReceiptSession => ({
  ...{ id, tenant: 'acme', name: null, from: 'worker-1', to: 'worker-2', outcome: 'moved', gapMs: null },
  ...{ bytesReplayed: 0, connectionsMoved: 0, connectionsFinished: 0, connectionsLost: 0, at: after(20) },
  ...given,
});

const receipt = (sessions: ReceiptSession[]): Receipt => ({
  ...{ id: 'd_1', version: '2.0.0', role: 'worker', pool: 'default', strategy: 'rolling', policy: 'move' },
  ...{ state: 'succeeded', startedAt: after(0), finishedAt: after(25) },
  nodes: [{ id: 'worker-1', replacement: 'worker-1.k3f9', state: 'done' }],
  totals: {
    ...{ sessions: sessions.length, movedSessions: 2, closedIdle: 1, connectionsMoved: 3, connectionsFinished: 1 },
    ...{ connectionsLost: 0, bytesReplayed: 1_536, gapMs: { p50: 12, p99: 80, max: 95 } },
  },
  sessions,
  signature: { algorithm: 'HMAC-SHA256', value: 'abc_d' },
});

describe('the words of a deployment', () => {
  it('say what a dry run foresees', () => {
    assert.deepEqual(linesOf(forecastText(deployment({ state: 'succeeded' }))), [
      '2.0.0 for 2 workers of pool default, rolling, move',
      '2 waves; 150 sessions, 30 busy with 60 connections; about 24 s if nothing has to be waited for',
      '',
      'WAVE  NODE      VERSION  REPLACEMENT    SESSIONS  BUSY  CONNECTIONS',
      '   1  worker-1  1.0.0    worker-1.k3f9        75    15           30',
      '   2  worker-2  1.0.0    worker-2.k3f9        75    15           30',
      '',
      'SESSION  NAME  TENANT  NODE      CONNECTIONS',
      's_1      ci    acme    worker-1            3',
      's_2      -     acme    worker-2            0',
      'and 148 more',
      '',
      '! 3 connections use a worker directly',
      '',
      'Nothing was touched: this was a dry run.',
      '',
    ]);
    const rejected = deployment({ state: 'rejected', reason: 'worker-2 is not ready', forecast: null });
    assert.equal(forecastText(rejected), 'It could not begin: worker-2 is not ready\n');
  });

  it('say why not now, and who holds it', () => {
    const why = { id: 'd_1', state: 'running', at: after(72), summary: 'worker-1 waits for 2 sessions.' } as const;
    assert.deepEqual(linesOf(whyText({ ...why, reasons: [busySessions({ held: 3 })] })), [
      'd_1, running: worker-1 waits for 2 sessions.',
      '',
      'worker-1, busy: 2 sessions have connections (busy_sessions)',
      'ends when: those end, or the deadline comes',
      'SESSION  NAME  TENANT  CONNECTION  TARGET         AGE  LAST BYTE       RATE',
      's_1      ci    acme    c_1         app:443      5 min  2.0 s ago  1.2 KiB/s',
      's_2      -     acme    -           -        1 min 1 s          -          -',
      'and 1 more',
      '',
    ]);
    assert.equal(whyText({ ...why, reasons: [] }), 'd_1, running: worker-1 waits for 2 sessions.\n');
    const held = busySessions({ node: null, step: null, holders: [], held: 0 });
    assert.match(stripVTControlCharacters(whyText({ ...why, reasons: [held] })), /\n\nthe deployment: .*\nends .*\n$/);
  });

  it('tell everything of one, its evidence and its log', () => {
    assert.deepEqual(linesOf(deploymentText(deployment({ reason: 'as asked' }), Date.parse(after(72)))), [
      'deployment  d_1',
      'what        2.0.0 for 2 workers of pool default, rolling, move',
      'state       running: as asked',
      'began       72 s ago, by root; under way for 1 min 12 s',
      'deadline    10 min for the busy sessions of a node, then pause',
      'nodes       1 running, 1 waiting',
      '',
      'NODE      REPLACEMENT    FROM   TO     STATE    STEP     SINCE     TIME LEFT  SESSIONS  BUSY  CONNECTIONS',
      'worker-1  worker-1.k3f9  1.0.0  2.0.0  running  busy     12 s ago       9:48        20     5           30',
      'worker-2  worker-2.k3f9  1.0.0  2.0.0  waiting  waiting  72 s ago          -        75    15           30',
      '',
      'worker-1',
      '  STEP    OUTCOME   TOOK  EVIDENCE',
      '  verify  ok       4.2 s  5 checks passed',
      '',
      '2026-01-01T00:00:01.000Z  preflight: 2 workers, all healthy',
      '2026-01-01T00:00:09.000Z  worker-1: verified',
      '',
    ]);
  });

  it('sum a receipt up, what was lost and what was busy first', () => {
    const sessions = [
      session('s_1', { outcome: 'closed_idle', to: null }),
      session('s_2', { connectionsMoved: 2, connectionsFinished: 1, gapMs: 95, bytesReplayed: 1_536 }),
      session('s_3', { connectionsLost: 1, outcome: 'forced', name: 'ci' }),
    ];
    assert.deepEqual(linesOf(receiptText(receipt(sessions))), [
      'd_1: 2.0.0 for 1 worker of pool default, rolling, move; succeeded after 25 s',
      '3 sessions touched: 2 moved, 1 closed idle, 1 forced, 0 ended by themselves',
      '3 connections moved, 1 finished while they were waited for, none lost',
      'without a path for 12 ms (p50), 80 ms (p99), 95 ms (longest); 1.5 KiB sent again',
      'signed: HMAC-SHA256 abc_d',
      '',
      'SESSION  NAME  TENANT  FROM      TO        OUTCOME        GAP    AGAIN  MOVED  FINISHED  LOST',
      's_3      ci    acme    worker-1  worker-2  forced           -      0 B      0         0     1',
      's_2      -     acme    worker-1  worker-2  moved        95 ms  1.5 KiB      2         1     0',
      's_1      -     acme    worker-1  -         closed_idle      -      0 B      0         0     0',
      '',
    ]);
    const many = receiptText(receipt(Array.from({ length: 25 }, (_, at) => session(`s_${at}`))));
    assert.match(many, /\ns_19 .*\nand 5 more; --json and --csv have them all\n$/);
  });

  it('make a table for spreadsheets of all of it, in which nothing is a formula', () => {
    const sessions = [session('s_1', { gapMs: 4 }), session('-s_2', { name: 'a,"b"', tenant: '=x' })];
    assert.equal(
      receiptCsv(receipt(sessions)),
      'id,tenant,name,from,to,outcome,gapMs,bytesReplayed,connectionsMoved,connectionsFinished,connectionsLost,at\r\n' +
        `s_1,acme,,worker-1,worker-2,moved,4,0,0,0,0,${after(20)}\r\n` +
        `'-s_2,'=x,"a,""b""",worker-1,worker-2,moved,,0,0,0,0,${after(20)}\r\n`,
    );
  });
});
