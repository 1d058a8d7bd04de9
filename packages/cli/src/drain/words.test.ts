import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { CulvertError } from '@culvert/base';
import type { Blocker } from '@culvert/contracts';
import { cordonedNode, directBlocker as direct } from '../testing/drain-fixtures.ts';
import type { DrainOutcome } from './follow.ts';
import { beginning, failureOf, progress } from './words.ts';

const node = { ...cordonedNode, state: 'draining', sessions: 1 };
const nameless: Blocker = { ...direct, kind: 'session', name: null, connection: null, target: null, reason: 'moving' };

describe('the words of a drain', () => {
  it('say what will happen, by the policy', () => {
    assert.match(beginning(node, 'move'), /^w1 takes no new sessions; moving 1 session to other workers, .*\n$/);
    assert.match(
      beginning({ ...node, sessions: 2 }, 'wait'),
      /; 2 sessions to go, each when its last connection has ended\n$/,
    );
  });

  it('name what it waits for, and count the rest', () => {
    const line = (blockers: Blocker[]) => stripVTControlCharacters(progress({ node, blockers }));
    assert.equal(line([]), 'w1 is draining: 1 session and 7 connections left\n');
    assert.equal(
      line([direct, nameless]),
      'w1 is draining: 1 session and 7 connections left; waits for ci → app:443 (direct), s_1 (moving)\n',
    );
    assert.match(line([direct, direct, direct, nameless, nameless]), /\(direct\) and 2 more\n$/);
  });

  it('tell why a worker did not get empty', () => {
    const failure = (outcome: DrainOutcome, cause?: CulvertError) =>
      failureOf({ node, blockers: [direct], outcome, failure: cause }, '10m');
    assert.equal(failure('late').message, 'w1 is not empty after 10m: 1 session and 7 connections left');
    assert.match(failure('late').fix ?? '', /culvert nodes blockers w1/);
    assert.match(failure('late', new CulvertError('api_unreachable', 'no answer')).message, /known \(no answer\)$/);
    assert.deepEqual(
      (['late', 'dead', 'left', 'uncordoned', 'restarted'] as const).map((outcome) => failure(outcome).code),
      ['timeout', 'node_unreachable', 'node_not_found', 'cancelled', 'cancelled'],
    );
  });
});
