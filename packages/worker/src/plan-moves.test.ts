import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MOVES_PER_SECOND, planMoves } from './plan-moves.ts';

const sessions = (count: number) => Array.from({ length: count }, (_, i) => `s_${i}`);

describe('planning moves', () => {
  it('spreads them over the targets in proportion to their room', () => {
    const moves = planMoves(sessions(60), [
      { id: 'w1', room: 10 },
      { id: 'w2', room: 20 },
      { id: 'w3', room: 90 },
    ]);
    const given = (id: string) => moves.filter(({ target }) => target === id).length;
    assert.deepEqual([given('w1'), given('w2'), given('w3')], [5, 10, 45]);
    assert.deepEqual(
      moves.map(({ session }) => session),
      sessions(60),
      'in the order in which they were given',
    );
  });

  it('paces what one target gets, and not what different ones get', () => {
    const moves = planMoves(sessions(6), [
      { id: 'w1', room: 100 },
      { id: 'w2', room: 100 },
    ]);
    const slot = 1_000 / MOVES_PER_SECOND;
    assert.deepEqual(
      moves.map(({ target, delayMs }) => [target, delayMs]),
      [
        ['w1', 0],
        ['w2', 0],
        ['w1', slot],
        ['w2', slot],
        ['w1', 2 * slot],
        ['w2', 2 * slot],
      ],
    );
  });

  it('gives to those that are not preferred only what the preferred have no room for', () => {
    const moves = planMoves(sessions(5), [
      { id: 'w1', room: 100, preferred: false },
      { id: 'w2', room: 1, preferred: true },
      { id: 'w3', room: 2, preferred: true },
    ]);
    const given = (id: string) => moves.filter(({ target }) => target === id).length;
    assert.deepEqual([given('w1'), given('w2'), given('w3')], [2, 1, 2]);
  });

  it('leaves out those for whom there is no room', () => {
    const moves = planMoves(sessions(5), [
      { id: 'w1', room: 1 },
      { id: 'w2', room: 2 },
      { id: 'w3', room: 0 },
      { id: 'w4', room: -3 },
    ]);
    assert.deepEqual(
      moves.map(({ session, target }) => [session, target]),
      [
        ['s_0', 'w1'],
        ['s_1', 'w2'],
        ['s_2', 'w2'],
      ],
    );
    assert.deepEqual(planMoves(sessions(5), []), []);
    assert.deepEqual(planMoves([], [{ id: 'w1', room: 1 }]), []);
  });
});
