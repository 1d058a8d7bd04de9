import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lease } from './lease.ts';

describe('a lease', () => {
  it('is not there before it was given', () => {
    assert.deepEqual([new Lease(6_000).held(-1_000_000), new Lease(6_000).lapsesAtMs], [false, -Infinity]);
  });

  it('is held from the sending of the beat until half a second before it is over', () => {
    const lease = new Lease(6_000);
    lease.renewed(1_000);
    assert.deepEqual([lease.held(1_000), lease.held(6_499), lease.held(6_500)], [true, true, false]);
  });

  it('an answer to an older beat takes nothing from it', () => {
    const lease = new Lease(6_000);
    lease.renewed(3_000);
    lease.renewed(1_000);
    assert.equal(lease.lapsesAtMs, 8_500);
  });

  it('a short one (tests have them) is held for half of its time at least', () => {
    const lease = new Lease(400);
    lease.renewed(0);
    assert.equal(lease.lapsesAtMs, 200);
  });

  it('ends when the registry says so', () => {
    const lease = new Lease(6_000);
    lease.renewed(0);
    lease.end();
    assert.equal(lease.held(1), false);
  });
});
