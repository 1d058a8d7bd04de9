import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@culvert/mux/testing';
import { Turns } from './storm-turns.ts';

/** Requests that have had their turn, by number. */
function ask(turns: Turns, count: number, signals: readonly AbortSignal[] = []) {
  const done: number[] = [];
  const refused: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const signal = signals[i] ?? new AbortController().signal;
    turns.next(signal).then(
      () => done.push(i),
      () => refused.push(i),
    );
  }
  return { done, refused };
}

const turn = () => new Promise(setImmediate);

describe('the turns of an API process', () => {
  it('come at its rate, in order, also when timers are late', async () => {
    const clock = new ManualClock();
    const turns = new Turns(100, clock);
    clock.advance(5_000);
    const { done } = ask(turns, 10);
    clock.advance(0);
    await turn();
    assert.deepEqual(done, [0]);
    clock.advance(35);
    await turn();
    assert.deepEqual(done, [0, 1, 2, 3]);
    clock.advance(60);
    await turn();
    assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are not spent on whoever has given up', async () => {
    const clock = new ManualClock();
    const turns = new Turns(100, clock);
    const gone = new AbortController();
    const { done, refused } = ask(turns, 4, [new AbortController().signal, gone.signal, gone.signal]);
    gone.abort();
    clock.advance(10);
    await turn();
    assert.deepEqual(
      [done, refused],
      [
        [0, 3],
        [1, 2],
      ],
    );
  });

  it('a quiet time is no credit', async () => {
    const clock = new ManualClock();
    const turns = new Turns(100, clock);
    ask(turns, 1);
    clock.advance(1_000);
    const { done } = ask(turns, 5);
    clock.advance(0);
    await turn();
    assert.deepEqual(done, [0]);
  });
});
