import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Budget } from './budget.ts';
import { Frame } from './frame.ts';
import { encodeWindow } from './payloads.ts';
import { ReceiveWindow } from './receive-window.ts';
import { Recorder, SMALL_WINDOW, StreamPair } from './testing/stream-pair.ts';
import { FrameType } from './wire.ts';

describe('credit', () => {
  it('runs out at the window, comes back with what was consumed, and is announced once', () => {
    const pair = new StreamPair();
    const { edge, agent } = pair.open();
    const sender = new Recorder(edge);
    const reader = new Recorder(agent, false);
    assert.throws(() => edge.write(Buffer.alloc(1_001)), RangeError);
    edge.write(Buffer.alloc(1_000));
    assert.equal(edge.credit, 0);
    pair.deliver();
    assert.equal(agent.unconsumed, 1_000);
    assert.deepEqual(sender.events, []);
    agent.consume(499);
    pair.deliver();
    assert.equal(edge.credit, 0, 'half of the window is worth an ACK, less is not');
    agent.consume(1);
    agent.consume(100);
    pair.deliver();
    assert.deepEqual([edge.credit, sender.events], [500, ['writable']]);
    edge.write(Buffer.alloc(200));
    agent.consume(200);
    pair.deliver();
    assert.deepEqual(sender.events, ['writable'], 'credit was never used up, so nobody waits for it');
    assert.equal(reader.bytes.length, 1_200);
    assert.throws(() => agent.consume(1_000_000), RangeError);
    edge.reset('aborted');
    pair.assertClean();
  });

  it('a first window of nothing is announced as well, once it opens', () => {
    const pair = new StreamPair();
    const asked = pair.ask();
    pair.edge.receive(new Frame(FrameType.OPENED, 1, 0, encodeWindow(0)));
    const stream = asked.stream ?? assert.fail();
    const sender = new Recorder(stream);
    assert.equal(stream.credit, 0);
    pair.edge.receive(new Frame(FrameType.ACK, 1, 0, encodeWindow(10)));
    assert.deepEqual([stream.credit, sender.events], [10, ['writable']]);
  });

  it('large writes leave as frames of at most 64 KiB that share the memory', () => {
    const pair = new StreamPair({ window: { minBytes: 0, initialBytes: 200_000, maxBytes: 200_000 } });
    const { edge } = pair.open();
    const bytes = Buffer.alloc(150_000);
    edge.write(bytes);
    const frames = [1, 2, 3].map(() => pair.toAgent.scheduler.next() ?? assert.fail());
    assert.deepEqual(
      frames.map(({ value, payload }) => [value, payload.length]),
      [
        [0, 65_536],
        [65_536, 65_536],
        [131_072, 18_928],
      ],
    );
    for (const { payload } of frames) assert.equal(payload.buffer, bytes.buffer);
  });

  it('one slow reader costs its own window and nothing else', () => {
    const pair = new StreamPair();
    const slow = pair.open();
    const quick = pair.open();
    new Recorder(slow.agent, false);
    const seen = new Recorder(quick.agent);
    slow.edge.write(Buffer.alloc(1_000));
    for (let i = 0; i < 20; i += 1) {
      quick.edge.write(Buffer.alloc(500));
      pair.deliver();
    }
    assert.deepEqual([slow.edge.credit, seen.bytes.length], [0, 10_000]);
  });
});

describe('windows', () => {
  const window = (budget = new Budget(1_000_000)) => new ReceiveWindow(SMALL_WINDOW, budget, 0);

  it('doubles when it is used up within two round trips, up to its maximum', () => {
    const budget = new Budget(1_000_000);
    const w = window(budget);
    const seen: number[] = [];
    let offset = 0;
    for (let now = 20; now <= 120; now += 20) {
      offset += w.bytes;
      w.consumed(offset, now, 10);
      seen.push(w.bytes);
    }
    assert.deepEqual(seen, [2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
    assert.equal(budget.reserved, 7_900, 'all but the guaranteed minimum is counted');
    w.close();
    w.close();
    assert.equal(budget.reserved, 0);
  });

  it('does not grow for a slow reader, before the round trip is known, or within a window', () => {
    const w = window();
    assert.equal(w.consumed(1_000, 21, 10), false, 'it took longer than two round trips');
    assert.equal(w.consumed(1_999, 22, 10), false, 'not a whole window yet');
    assert.equal(w.consumed(2_000, 22, undefined), false, 'no round trip');
    assert.equal(w.consumed(3_000, 22, 10), true);
  });

  it('a full budget keeps it at the minimum, and what is given back is there for others', () => {
    const process = new Budget(1_500);
    const [a, b] = [new Budget(900, process), new Budget(900, process)];
    const first = window(a);
    const second = window(a);
    const third = window(b);
    assert.deepEqual([first.bytes, second.bytes, third.bytes], [1_000, 100, 100]);
    assert.deepEqual([a.reserved, b.reserved, process.reserved], [900, 0, 900]);
    first.close();
    assert.equal(window(b).bytes, 1_000);
    assert.equal(process.reserved, 900);
    assert.throws(() => process.release(901), RangeError);
  });

  it('grows over a real path: the round trip is measured through it, and the sender gets more credit', () => {
    const window = { minBytes: 0, initialBytes: 40_000, maxBytes: 160_000 };
    const pair = new StreamPair({ window });
    const { edge, agent } = pair.open();
    new Recorder(agent);
    new Recorder(edge);
    const round = () => {
      edge.write(Buffer.alloc(edge.credit));
      // Half a round trip there, half a round trip back.
      pair.nowMs += 25;
      while (pair.toAgent.carry(Number.POSITIVE_INFINITY));
      pair.nowMs += 25;
      pair.deliver();
      // Up to half of the window is consumed and not acknowledged yet.
      assert.ok(edge.credit > 0.5 * pair.agentBudget.reserved);
      return pair.agentBudget.reserved;
    };
    assert.deepEqual([round(), round(), round(), round(), round()], [40_000, 80_000, 160_000, 160_000, 160_000]);
    edge.reset('aborted');
    pair.assertClean();
  });
});
