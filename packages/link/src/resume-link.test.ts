import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, describe, it } from 'node:test';
import { Feature, type Reason, type StreamEnd, StreamStore } from '@culvert/mux';
import { freshRequest, Recorder, until } from '@culvert/mux/testing';
import type { Link } from './dialed-link.ts';
import { LoopbackWorker } from './testing/loopback-worker.ts';
import { noSocketsLeft } from './testing/tcp.ts';

/** A worker whose streams outlive their links, and an edge that takes what has lost one. */
async function world() {
  const store = new StreamStore({ nowMs: () => performance.now() });
  const far: Recorder[] = [];
  const detached: [StreamEnd, Reason][] = [];
  const worker = await LoopbackWorker.start({
    store,
    accept: (pending) => far.push(new Recorder(pending.accept())),
  });
  const dial = () => worker.dial({ detached: (stream, why) => detached.push([stream, why]) });
  const open = async (link: Link) => {
    const near = (await link.open(freshRequest(), { deadlineMs: 5_000 })) as StreamEnd;
    return { near, seen: new Recorder(near) };
  };
  /** Resolves once the far end has got this, and nothing else. */
  const arrived = async (text: string): Promise<void> => {
    await until(text, () => (far[0]?.bytes.length ?? 0) >= text.length);
    assert.equal(far[0]?.bytes.toString(), text);
  };
  /** Goes on over another link; resolves to the bytes sent again. */
  const resume = (link: Link, stream: StreamEnd) =>
    new Promise<number>((resolve, reject) => {
      link.resume(stream, { resumed: resolve, refused: (code, message) => reject(new Error(`${code} ${message}`)) });
    });
  return {
    worker,
    store,
    far,
    detached,
    dial,
    open,
    arrived,
    resume,
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

describe('streams that outlive their link', { timeout: 10_000 }, () => {
  after(noSocketsLeft);

  it('RESUME is offered by an edge that takes detached streams, an agent with a store, and nobody else', async () => {
    await using w = await world();
    await w.dial();
    await w.worker.dial({ role: 'agent', accept: () => undefined, store: w.store });
    await w.worker.dial();
    assert.deepEqual(
      w.worker.accepted.map(({ link }) => link.machine.features & Feature.RESUME),
      [Feature.RESUME, Feature.RESUME, 0],
    );
  });

  it('the link is lost: they go on over the next one, and nobody hears of it', async () => {
    await using w = await world();
    const first = await w.dial();
    const { near, seen } = await w.open(first);
    near.write(Buffer.from('one '));
    await w.arrived('one ');
    w.worker.accepted[0]?.link.machine.end({ code: 'shutting_down', message: '', final: false });
    await first.closed;
    assert.deepEqual(
      w.detached.map(([stream, { code }]) => [stream === near, code]),
      [[true, 'link_lost']],
    );
    near.write(Buffer.from('two'));
    await assert.rejects(async () => w.resume(first, near), { code: 'link_lost' });
    const second = await w.dial();
    await w.resume(second, near);
    await w.arrived('one two');
    assert.deepEqual([w.far[0]?.events, seen.events], [[], []]);
    assert.deepEqual([second.openStreams, w.store.detached], [1, 0]);
  });

  it('they leave a link that works, and it closes without a word to them', async () => {
    await using w = await world();
    const first = await w.dial();
    const { near, seen } = await w.open(first);
    const emptied = new Promise<void>((resolve) => first.whenEmpty(resolve));
    first.leave();
    await emptied;
    first.close();
    await first.closed;
    await w.resume(await w.dial(), near);
    assert.deepEqual([seen.events, w.far[0]?.events, near.attached], [[], [], true]);
  });

  it('a link that is closed by its owner resets what is still on it', async () => {
    await using w = await world();
    const link = await w.dial();
    const { seen } = await w.open(link);
    link.close('shutting_down', 'the process ends');
    await until('the far end heard of it', () => w.far[0]?.events.length === 2);
    for (const events of [seen.events, w.far[0]?.events]) assert.deepEqual(events, ['closed', 'reset shutting_down']);
    assert.equal(w.detached.length, 0);
  });

  it('a final end of the link is theirs as well', async () => {
    await using w = await world();
    const link = await w.dial();
    const { seen } = await w.open(link);
    w.worker.accepted[0]?.link.machine.end({ code: 'superseded', message: 'another agent', final: true });
    await link.closed;
    assert.deepEqual([seen.events, w.detached.length], [['closed', 'reset superseded'], 0]);
  });

  it('an attempt that is given up leaves the link to others', async () => {
    await using w = await world();
    const { near } = await w.open(await w.dial());
    const silent = await w.worker.dial({ detached: () => undefined });
    const answers: string[] = [];
    near.leave();
    const giveUp = silent.resume(near, {
      resumed: () => answers.push('resumed'),
      refused: (code) => answers.push(code),
    });
    giveUp();
    giveUp();
    assert.deepEqual([answers, silent.openStreams, near.closed], [['link_lost'], 0, false]);
    await w.resume(silent, near);
    assert.equal(near.attached, true);
  });
});
