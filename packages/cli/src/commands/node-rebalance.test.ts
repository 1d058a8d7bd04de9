import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rebalance } from '@culvert/contracts';
import { told } from './node-rebalance.ts';

const answer: Rebalance = {
  ...{ pool: 'blue', dryRun: false, asked: 12, lastMs: 2_400, failed: [] },
  moves: [{ from: 'w1', to: 'w3', count: 12 }],
};

describe('what a person is told of a rebalance', () => {
  it('who sends how many to whom, and until when', () => {
    const text = told(answer);
    assert.match(text, /FROM +TO +SESSIONS\n *w1 +w3 +12\n/);
    assert.match(text, /\n12 sessions are on their way, the last of them in 3 s\./);
  });

  it('that it was a dry run, or that there is nothing to do', () => {
    assert.match(told({ ...answer, dryRun: true, asked: 0 }), /w1.*\nNothing was moved: this was a dry run\.\n$/);
    assert.match(told({ ...answer, moves: [] }), /^The workers of pool blue share .* nothing is moved\.\n$/);
  });

  it('which workers did not take part', () => {
    const failed = [{ node: 'w2', code: 'draining', detail: 'the worker is being drained' }];
    assert.match(told({ ...answer, failed }), /\nw2 moves none: the worker is being drained \(draining\)\n/);
  });
});
