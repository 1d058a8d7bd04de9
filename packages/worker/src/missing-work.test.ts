import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { LostOperation } from '@culvert/registry';
import { withMissing, withStrays } from './missing-work.ts';

const operation: LostOperation = { sessionId: 's_1', epoch: 4, released: false };

it('what is missing adds up, and strays are not forgotten over it', () => {
  assert.equal(withMissing(undefined, { kind: 'nothing' }), undefined);
  const strays = withStrays(undefined);
  assert.deepEqual(strays, { kind: 'some', operations: new Map(), strays: true });
  assert.deepEqual(withMissing(strays, { kind: 'nothing' }), strays);
  const both = withMissing(strays, { kind: 'some', operations: [operation] });
  assert.deepEqual(both, { kind: 'some', operations: new Map([['s_1 4', operation]]), strays: true });
  assert.deepEqual(withStrays(both), both);
  const all = withMissing(both, { kind: 'unknown' });
  assert.deepEqual(all, { kind: 'all' });
  assert.deepEqual(withStrays(all), all, 'who tells everything looks for strays at the end');
});
