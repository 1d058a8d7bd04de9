import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PendingClaims } from './pending-claims.ts';

function setUp() {
  const looked: string[] = [];
  return { looked, claims: new PendingClaims((sessionId, epoch) => looked.push(`${sessionId} ${epoch}`)) };
}

describe('what the registry says of a session', () => {
  it('is looked at once when no claim of it is under way', () => {
    const { claims, looked } = setUp();
    claims.begin('s_other');
    claims.told('s_1', 7);
    assert.deepEqual(looked, ['s_1 7']);
  });

  it('is looked at behind all claims of it that are under way, and behind what they lead to', async () => {
    const { claims, looked } = setUp();
    claims.begin('s_1');
    claims.begin('s_1');
    claims.told('s_1', 7);
    claims.told('s_1', 7);
    claims.told('s_1', 8);
    claims.settle('s_1');
    await Promise.resolve();
    assert.deepEqual(looked, []);
    claims.settle('s_1');
    assert.deepEqual(looked, [], 'not in the same turn: the outcome is being put in place');
    await Promise.resolve();
    assert.deepEqual(looked, ['s_1 7', 's_1 8']);
  });

  it('a claim that begins in that very turn is waited for as well', async () => {
    const { claims, looked } = setUp();
    claims.begin('s_1');
    claims.told('s_1', 7);
    claims.settle('s_1');
    claims.begin('s_1');
    await Promise.resolve();
    assert.deepEqual(looked, []);
    claims.settle('s_1');
    await Promise.resolve();
    assert.deepEqual(looked, ['s_1 7']);
  });

  it('a claim is under way until the last one is settled', () => {
    const { claims } = setUp();
    assert.equal(claims.underWay('s_1'), false);
    claims.begin('s_1');
    claims.begin('s_1');
    claims.settle('s_1');
    assert.deepEqual([claims.underWay('s_1'), claims.underWay('s_2')], [true, false]);
    claims.settle('s_1');
    assert.equal(claims.underWay('s_1'), false);
  });

  it('nothing said, nothing looked at', async () => {
    const { claims, looked } = setUp();
    claims.begin('s_1');
    claims.settle('s_1');
    await Promise.resolve();
    assert.deepEqual(looked, []);
  });
});
