import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extendHistory, LOOKS, type NodeHistory } from './node-history.ts';

const nothing: NodeHistory = new Map();

describe('the last minute of each node', () => {
  it('grows by a look, and ends at its limit with the newest', () => {
    let history = nothing;
    for (let look = 1; look <= LOOKS + 5; look += 1) history = extendHistory(history, [{ id: 'w', connections: look }]);
    const kept = history.get('w') ?? [];
    assert.equal(kept.length, LOOKS);
    assert.deepEqual([kept[0], kept.at(-1)], [6, LOOKS + 5]);
  });

  it('forgets nodes that are gone', () => {
    const both = extendHistory(nothing, [
      { id: 'a', connections: 1 },
      { id: 'b', connections: 2 },
    ]);
    assert.deepEqual([...extendHistory(both, [{ id: 'b', connections: 3 }])], [['b', [2, 3]]]);
  });
});
