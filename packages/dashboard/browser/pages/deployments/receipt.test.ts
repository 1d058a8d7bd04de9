import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReceiptSession } from '@culvert/contracts';
import { receiptCsv } from './receipt-csv.ts';
import { chosenSessions } from './receipt-filter.ts';

function aSession(changed: Partial<ReceiptSession> = {}): ReceiptSession {
  return {
    ...{ id: 's_1', tenant: 'acme', name: 'ci', from: 'w-1', to: 'w-2', outcome: 'moved', gapMs: 12 },
    ...{ bytesReplayed: 0, connectionsMoved: 2, connectionsFinished: 0, connectionsLost: 0 },
    at: '2026-01-01T00:00:00.000Z',
    ...changed,
  };
}

describe('a receipt as a spreadsheet', () => {
  it('has a line for each session, under the names of the fields, ended as RFC 4180 has it', () => {
    const lines = receiptCsv({
      sessions: [aSession(), aSession({ id: 's_2', name: null, to: null, gapMs: null })],
    }).split('\r\n');
    assert.equal(lines[0]?.startsWith('id,tenant,name,from,to,outcome,gapMs,bytesReplayed,'), true);
    assert.equal(lines[1], 's_1,acme,ci,w-1,w-2,moved,12,0,2,0,0,2026-01-01T00:00:00.000Z');
    assert.equal(lines[2], 's_2,acme,,w-1,,moved,,0,2,0,0,2026-01-01T00:00:00.000Z');
    assert.deepEqual([lines.length, lines[3]], [4, '']);
  });

  it('quotes what would break a line', () => {
    const text = receiptCsv({ sessions: [aSession({ name: 'a,b "c"\r\nd' })] });
    assert.ok(text.includes(',"a,b ""c""\r\nd",'), text);
  });

  it('lets no cell be a formula', () => {
    for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx']) {
      const text = receiptCsv({ sessions: [aSession({ name })] });
      assert.ok(text.includes(`'${name}`), JSON.stringify(text));
    }
    assert.ok(receiptCsv({ sessions: [aSession({ name: '=A,"x"' })] }).includes(`"'=A,""x"""`));
  });
});

describe('the sessions of a receipt', () => {
  const sessions = [
    aSession({ id: 's_quick', gapMs: 3 }),
    aSession({ id: 's_none', gapMs: null, outcome: 'closed_idle', name: null, to: null }),
    aSession({ id: 's_slow', gapMs: 900, tenant: 'globex' }),
    aSession({ id: 's_lost', gapMs: 1, connectionsLost: 1, outcome: 'forced' }),
  ];
  const ids = (text: string, outcome: Parameters<typeof chosenSessions>[1]['outcome']) =>
    chosenSessions(sessions, { text, outcome }).map(({ id }) => id);

  it('stand with the worst first', () => {
    assert.deepEqual(ids('', ''), ['s_lost', 's_slow', 's_quick', 's_none']);
  });

  it('are found by what is known of them, and by what became of them', () => {
    assert.deepEqual(ids(' GLOB', ''), ['s_slow']);
    assert.deepEqual(ids('w-1', 'closed_idle'), ['s_none']);
    assert.deepEqual(ids('', 'lost'), ['s_lost']);
    assert.deepEqual(ids('nobody', ''), []);
  });
});
