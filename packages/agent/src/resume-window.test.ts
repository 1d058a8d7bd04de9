import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamEnd } from '@culvert/mux';
import { ManualClock } from '../test/fakes.ts';
import { MemoryPath } from '../test/memory-path.ts';
import { ResumeWindow } from './resume-window.ts';

function setup() {
  const clock = new ManualClock();
  const told: string[] = [];
  const streams = new ResumeWindow({
    clock,
    resumeWindowMs: 60_000,
    onDetached: () => told.push('detached'),
    onResumed: (stream) => told.push(`resumed after ${stream.gapMs}`),
  });
  const ends: StreamEnd[] = [];
  const path = () =>
    new MemoryPath({ clock, streams, accept: (pending) => void ends.push(pending.accept() as StreamEnd) }); // mux makes no others
  const whyOf = (at: number) => ends[at]?.broken?.code;
  return { clock, streams, told, path, ends, whyOf };
}

test('a timer is armed while a stream has no path, and only then', async () => {
  const { clock, streams, told, path } = setup();
  const first = path();
  const stream = await first.open('a.test', 80);
  assert.equal(clock.armed, 0);
  first.cut();
  assert.deepEqual([clock.armed, streams.store.detached], [1, 1]);
  clock.advance(59_000);
  await path().resume(stream);
  assert.deepEqual(told, ['detached', 'resumed after 59000']);
  clock.advance(1_000);
  assert.equal(clock.armed, 0, 'the timer found nothing that waits');
  assert.equal(streams.store.size, 1);
});

test('each stream has the whole window for itself', async () => {
  const { clock, path, whyOf } = setup();
  const first = path();
  await first.open('a.test', 80);
  first.cut();
  clock.advance(20_000);
  const second = path();
  await second.open('b.test', 80);
  second.cut();
  clock.advance(39_999);
  assert.deepEqual([whyOf(0), whyOf(1)], [undefined, undefined]);
  clock.advance(1);
  assert.deepEqual([whyOf(0), whyOf(1)], ['resume_expired', undefined]);
  clock.advance(20_000);
  assert.equal(whyOf(1), 'resume_expired');
  assert.equal(clock.armed, 0);
});

test('breaking off ends what has a path and what has none, and the timer', async () => {
  const { clock, streams, path, whyOf } = setup();
  const first = path();
  await first.open('a.test', 80);
  first.cut();
  const second = path();
  const edge = await second.open('b.test', 80);
  streams.breakOff('session_closed', 'over');
  await Promise.resolve();
  assert.deepEqual([whyOf(0), whyOf(1), edge.broken?.code], ['session_closed', 'session_closed', 'session_closed']);
  assert.deepEqual([clock.armed, streams.store.size], [0, 0]);
});

test('an open that nobody asks for again ends with the window, too, and is no connection that was lost', async () => {
  const { clock, streams, told } = setup();
  const path = new MemoryPath({
    clock,
    streams,
    accept: (pending) => pending.onCancelled(() => told.push('cancelled')),
  });
  const answer = path.open('a.test', 80);
  await Promise.resolve();
  path.cut();
  await assert.rejects(answer, { code: 'link_lost' });
  assert.equal(clock.armed, 1);
  clock.advance(60_000);
  assert.deepEqual(told, ['cancelled']);
});
