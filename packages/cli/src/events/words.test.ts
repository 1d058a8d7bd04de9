import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { ClusterEvent } from '@culvert/contracts';
import { eventLine } from './words.ts';

const about = { id: '1-0', at: '2026-01-01T00:00:00.000Z', deployment: 'd_1' };
const line = (event: ClusterEvent): string => stripVTControlCharacters(eventLine(event)).slice(about.at.length + 2);

describe('the words of what happened to a deployment', () => {
  it('say who began what', () => {
    const created = { ...about, type: 'deployment.created', role: 'worker', pool: 'blue', by: 'k_1' } as const;
    assert.equal(
      line({ ...created, version: '2.0.0' }),
      'deployment.created   d_1 is to bring 2.0.0 to the workers of pool blue, by k_1\n',
    );
    assert.match(line({ ...created, version: '' }), / d_1 is to rehearse in pool blue, by k_1\n$/);
  });

  it('say what became of it', () => {
    const state = { ...about, type: 'deployment.state', state: 'paused' } as const;
    assert.match(line({ ...state, reason: 'no room' }), / d_1 is paused: no room\n$/);
    assert.match(line({ ...state, reason: '' }), / d_1 is paused\n$/);
    const step = { ...about, type: 'deployment.step', node: 'worker-1', step: 'verify', outcome: 'ok' } as const;
    assert.match(line(step), / d_1: worker-1 has ended verify, ok\n$/);
    assert.match(
      line({ ...about, type: 'deployment.command', verb: 'pause', by: 'k_1' }),
      / was told to pause, by k_1\n$/,
    );
    assert.match(line({ ...about, type: 'deployment.restored', state: 'running' }), / put back \(running\): it waits /);
  });
});
