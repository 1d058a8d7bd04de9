import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Receipt } from '@culvert/contracts';
import { canonicalJson, signReceipt, verifyReceipt } from './receipt-signature.ts';
import { ClusterSecret } from './secret.ts';

const secret = ClusterSecret.parse('an example secret of 32 bytes or more');
const unsigned: Omit<Receipt, 'signature'> = {
  ...{ id: 'd_1', version: '2', role: 'worker', pool: 'default', strategy: 'rolling', policy: 'move' },
  ...{ state: 'succeeded', startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:01:00.000Z' },
  nodes: [{ id: 'w-1', replacement: null, state: 'done' }],
  totals: {
    ...{ sessions: 0, movedSessions: 0, closedIdle: 0, connectionsMoved: 0, connectionsFinished: 0 },
    ...{ connectionsLost: 0, bytesReplayed: 0, gapMs: { p50: 0, p99: 0, max: 0 } },
  },
  sessions: [],
};

describe('the signature of a receipt', () => {
  it('holds however its fields are ordered, and through JSON', () => {
    const signed = signReceipt(secret, unsigned);
    const turned = Object.fromEntries(Object.entries(signed).toReversed());
    assert.equal(verifyReceipt(secret, JSON.parse(JSON.stringify(turned))), true);
  });

  it('ends with any change, another cluster’s secret, or another algorithm', () => {
    const signed = signReceipt(secret, unsigned);
    const other = ClusterSecret.parse('another secret of 32 bytes or more..');
    assert.equal(verifyReceipt(other, signed), false);
    assert.equal(verifyReceipt(secret, { ...signed, totals: { ...signed.totals, connectionsLost: 1 } }), false);
    assert.equal(verifyReceipt(secret, { ...signed, nodes: [] }), false);
    assert.equal(verifyReceipt(secret, { ...signed, more: 1 } as Receipt), false);
    const none = { algorithm: 'none', value: signed.signature.value } as unknown as Receipt['signature'];
    assert.equal(verifyReceipt(secret, { ...signed, signature: none }), false);
  });

  it('is over JSON that has one form only', () => {
    const value = { b: [1, { d: null, c: 'é"\n' }], a: undefined, A: false, '1': 1.5 };
    assert.equal(canonicalJson(value), '{"1":1.5,"A":false,"b":[1,{"c":"é\\"\\n","d":null}]}');
  });
});
