import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveNode } from '@culvert/contracts';
import { actionsOf } from './node-actions.ts';

const of = (state: string, cordoned = false, role: LiveNode['role'] = 'worker') =>
  actionsOf({ role, state, cordoned }).map(({ verb, whyNot }) => (whyNot === null ? verb : `not ${verb}`));

describe('what an operator can do with a node', () => {
  it('is to cordon and to drain a worker that serves', () => {
    assert.deepEqual(of('ready'), ['cordon', 'drain']);
    assert.deepEqual(of('suspect'), ['cordon', 'drain']);
  });

  it('is to take that back', () => {
    assert.deepEqual(of('cordoned', true), ['uncordon', 'drain']);
    assert.deepEqual(of('draining', true), ['uncordon', 'not drain']);
    assert.deepEqual(of('empty', true), ['uncordon', 'not drain']);
  });

  it('is nothing with one that is dead, and with other roles', () => {
    assert.deepEqual(of('dead'), ['not drain']);
    assert.deepEqual(of('ready', false, 'gateway'), []);
  });

  it('is told in a sentence where it can’t be done', () => {
    const reasons = ['dead', 'booting', 'draining', 'empty'].map(
      (state) => actionsOf({ role: 'worker', state, cordoned: true }).at(-1)?.whyNot,
    );
    assert.equal(new Set(reasons).size, 4);
    for (const reason of reasons) assert.match(reason ?? '', /^It is .+\.$/);
  });
});
