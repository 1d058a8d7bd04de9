import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Frame } from './frame.ts';
import { Scheduler } from './scheduler.ts';
import { FrameType } from './wire.ts';

const data = (stream: number, offset: number, bytes: number) =>
  new Frame(FrameType.DATA, stream, offset, Buffer.alloc(bytes));

/** Everything that leaves, in order. */
function drain(scheduler: Scheduler): Frame[] {
  const frames: Frame[] = [];
  for (let frame = scheduler.next(); frame !== undefined; frame = scheduler.next()) frames.push(frame);
  return frames;
}

const streamsOf = (frames: readonly Frame[]) => frames.map(({ stream }) => stream);

describe('scheduler', () => {
  it('a small exchange that begins while bulk waits goes before it', () => {
    const scheduler = new Scheduler();
    for (let i = 0; i < 50; i += 1) scheduler.push(data(1, i * 65_536, 65_536));
    assert.deepEqual(streamsOf([scheduler.next(), scheduler.next()] as Frame[]), [1, 1]);
    scheduler.push(data(2, 0, 200));
    assert.equal(scheduler.next()?.stream, 2);
    scheduler.push(data(3, 0, 200));
    assert.equal(scheduler.next()?.stream, 3);
  });

  it('bulk streams share by bytes, whatever the size of their frames', () => {
    const scheduler = new Scheduler();
    const sizes = new Map([
      [1, 65_536],
      [2, 8_192],
      [3, 1_000],
    ]);
    for (const [stream, size] of sizes) {
      for (let at = 0; at < 4_000_000; at += size) scheduler.push(data(stream, at, size));
    }
    const sent = new Map<number, number>();
    for (let total = 0; total < 3_000_000; ) {
      const frame = scheduler.next() ?? assert.fail();
      total += frame.bytes;
      sent.set(frame.stream, (sent.get(frame.stream) ?? 0) + frame.bytes);
    }
    for (const stream of sizes.keys()) {
      const share = (sent.get(stream) ?? 0) / 3_000_000;
      assert.ok(Math.abs(share - 1 / 3) < 0.03, `stream ${stream} got ${share}`);
    }
  });

  it('streams that come back again and again do not shut bulk out', () => {
    const scheduler = new Scheduler();
    for (let i = 0; i < 1_000; i += 1) scheduler.push(data(1, i * 16_000, 16_000));
    scheduler.push(data(2, 0, 16_000));
    let bulk = 0;
    for (let i = 0; i < 300; i += 1) {
      const frame = scheduler.next() ?? assert.fail();
      if (frame.stream === 1) bulk += 1;
      // Whenever one of the two was served, the other has something again.
      else scheduler.push(data(frame.stream === 2 ? 3 : 2, i * 16_000, 16_000));
    }
    assert.ok(bulk > 75, `bulk was served ${bulk} times of 300`);
  });

  it('what steers leaves first, in order among itself', () => {
    const scheduler = new Scheduler();
    scheduler.push(data(1, 0, 10));
    scheduler.push(new Frame(FrameType.FIN, 1, 10));
    const urgent = [FrameType.OPEN, FrameType.ACK, FrameType.RESET, FrameType.PING].map((type) => new Frame(type, 5));
    for (const frame of urgent) scheduler.push(frame);
    const order = drain(scheduler).map(({ type }) => type);
    assert.deepEqual(order, [...urgent.map(({ type }) => type), FrameType.DATA, FrameType.FIN]);
  });

  it('the frames of one stream keep their order, among any others', () => {
    const scheduler = new Scheduler();
    for (let i = 0; i < 300; i += 1) scheduler.push(data(i % 7, Math.floor(i / 7), (i * 7919) % 30_000));
    for (let stream = 0; stream < 7; stream += 1) scheduler.push(new Frame(FrameType.FIN, stream, 1_000));
    const out = drain(scheduler);
    assert.equal(out.length, 307);
    for (let stream = 0; stream < 7; stream += 1) {
      const offsets = out.filter((frame) => frame.stream === stream).map(({ value }) => value);
      assert.deepEqual(
        offsets,
        offsets.toSorted((a, b) => a - b),
      );
    }
  });

  it('drop forgets one stream, and the counts are right all the way', () => {
    const scheduler = new Scheduler();
    for (const stream of [1, 2, 1]) scheduler.push(data(stream, 0, 84));
    scheduler.push(new Frame(FrameType.PING, 1));
    assert.deepEqual([scheduler.bytes, scheduler.urgentBytes, scheduler.bytesOf(1)], [316, 16, 200]);
    scheduler.drop(1);
    scheduler.drop(1);
    scheduler.drop(99);
    assert.deepEqual([scheduler.bytes, scheduler.bytesOf(1)], [116, 0]);
    scheduler.push(data(1, 7, 4));
    assert.deepEqual(streamsOf(drain(scheduler)).toSorted(), [1, 1, 2]);
    assert.deepEqual([scheduler.bytes, scheduler.urgentBytes, scheduler.bytesOf(2)], [0, 0, 0]);
    for (const stream of [1, 2]) scheduler.push(data(stream, 0, 84));
    scheduler.clear();
    assert.deepEqual([scheduler.bytes, drain(scheduler)], [0, []]);
  });
});
