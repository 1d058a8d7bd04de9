import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '@culvert/base';
import type { ClusterEvent } from './cluster-options.ts';
import { Restarter } from './restarter.ts';

function manualClock() {
  let now = 0;
  const timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
  return {
    clock,
    pending: () => timers.length,
    advance(ms: number): void {
      now += ms;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('restarter', () => {
  it('tries again until it works, later and later, and never twice at once', async () => {
    const time = manualClock();
    const events: ClusterEvent[] = [];
    const restarter = new Restarter(
      time.clock,
      (event) => events.push(event),
      () => 0.999,
    );
    let starts = 0;
    let ready = 0;
    const process = {
      id: 'worker-1',
      role: 'worker',
      start: () => {
        starts += 1;
        return starts < 4 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    };
    restarter.schedule(process, () => {
      ready += 1;
    });
    restarter.schedule(process, () => assert.fail('scheduled twice'));
    for (let round = 0; round < 4; round += 1) {
      time.advance(20_000);
      await settled();
    }
    assert.equal(starts, 4);
    assert.equal(ready, 1);
    const delays = events.flatMap((event) => (event.event === 'process.restart' ? [event.inMs] : []));
    assert.deepEqual(delays, [999, 1998, 3996, 7992]);
  });

  it('gives up what it is told to give up, also while a start of it fails', async () => {
    const time = manualClock();
    const events: ClusterEvent[] = [];
    const restarter = new Restarter(time.clock, (event) => events.push(event));
    const [waiting, failing] = ['worker-1', 'worker-2'].map((id) => ({ id, role: 'worker', starts: 0 }));
    assert.ok(waiting && failing);
    const startable = (process: typeof waiting) => ({
      ...process,
      start: () => {
        process.starts += 1;
        return Promise.reject(new Error('no'));
      },
    });
    const [one, other] = [startable(waiting), startable(failing)];
    restarter.schedule(one, () => assert.fail('ready'));
    restarter.giveUp(one);
    restarter.schedule(one, () => assert.fail('ready'));
    restarter.schedule(other, () => assert.fail('ready'));
    time.advance(20_000);
    restarter.giveUp(other);
    await settled();
    time.advance(20_000);
    await settled();
    assert.deepEqual([waiting.starts, failing.starts], [0, 1]);
    assert.ok(!events.some(({ event }) => event === 'process.restart_failed'));
    assert.equal(time.pending(), 0);
  });

  it('starts nothing after its end', async () => {
    const time = manualClock();
    const restarter = new Restarter(time.clock, () => undefined);
    const process = { id: 'worker-1', role: 'worker', start: () => assert.fail('started') };
    restarter.schedule(process, () => undefined);
    restarter.close();
    assert.equal(time.pending(), 0);
    restarter.schedule(process, () => undefined);
    time.advance(60_000);
    await settled();
  });
});
