import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, CulvertError, silentLogger } from '@culvert/base';
import { NodePresence, type NodePresenceOptions } from './presence.ts';
import type { BeatReply, Missing, NodeInfo } from './types.ts';

const node: NodeInfo = {
  id: 'w1',
  boot: 'first',
  role: 'worker',
  version: '1',
  pool: 'default',
  host: 'h',
  pid: 1,
  admin: 'http://127.0.0.1:1',
  capacity: 1,
  admissionRate: 1,
};
const ok = {
  ...{ outcome: 'ok', missing: { kind: 'nothing' }, round: 'r1', recovering: false, cordoned: false },
  ...{ settingsRevision: 0, nowMs: 0 },
} as const satisfies BeatReply;

/** A registry that answers each beat with the next reply, and tells of each beat. */
function setUp(replies: (BeatReply | Error)[], options: Partial<NodePresenceOptions> = {}) {
  const seen: string[] = [];
  const confirmed: (string | undefined)[] = [];
  const left: string[] = [];
  const waiting = new Map<number, () => void>();
  let up: ((up: boolean) => void) | undefined;
  const presence = new NodePresence({
    registry: {
      beat: async (beat) => {
        seen.push(beat.node.boot);
        confirmed.push(beat.confirmed);
        waiting.get(seen.length)?.();
        const reply = replies.length > 1 ? replies.shift() : replies[0];
        if (reply instanceof Error || !reply) throw reply;
        return reply;
      },
      leave: async ({ boot }) => void left.push(boot),
      onAvailability: (listener) => {
        up = listener;
        return () => undefined;
      },
    },
    node,
    load: () => ({ state: 'ready', sessions: 0, connections: 0 }),
    logger: silentLogger,
    onReplaced: (error) => assert.fail(error),
    everyMs: 3_600_000,
    ...options,
  });
  const beats = (count: number): Promise<void> =>
    new Promise((resolve) => (seen.length >= count ? resolve() : waiting.set(count, resolve)));
  return { presence, seen, confirmed, left, beats, up: () => up?.(true) };
}

describe('presence', () => {
  it('beats at once, again when Redis is back or the load changed, and leaves at the end', async () => {
    const { presence, beats, left, up } = setUp([ok]);
    presence.start();
    await beats(1);
    await new Promise(setImmediate);
    up();
    await beats(2);
    await new Promise(setImmediate);
    presence.beatSoon();
    await beats(3);
    await presence.close();
    assert.deepEqual(left, ['first']);
  });

  it('goes on after a failed beat, and says why it failed', async () => {
    const replied = Promise.withResolvers<void>();
    const { presence, beats } = setUp([new CulvertError('registry_unavailable', 'Redis is away'), ok], {
      everyMs: 1,
      onReply: () => replied.resolve(),
    });
    assert.ok(presence.trouble);
    presence.start();
    await beats(2);
    await replied.promise;
    assert.equal(presence.trouble, undefined);
    await presence.close();
  });

  it('another process runs under its id: it beats no more, says so, and leaves nothing behind', async () => {
    const told: CulvertError[] = [];
    const { presence, beats, seen } = setUp([ok, { outcome: 'dead', replaced: true }], {
      everyMs: 1,
      onReplaced: (error) => told.push(error),
    });
    presence.start();
    await beats(2);
    await assert.rejects(presence.confirm(), { code: 'shutting_down' });
    await presence.close();
    assert.deepEqual(
      told.map(({ code }) => code),
      ['superseded'],
    );
    assert.equal(seen.length, 2);
    assert.match(presence.trouble ?? '', /another process runs as/);
  });

  it('begins cordoned if it is to: says so until a beat was accepted, and never again', async () => {
    const cordoned: (boolean | undefined)[] = [];
    const replies = [new CulvertError('registry_unavailable'), ok, { outcome: 'dead', replaced: false } as const, ok];
    const done = Promise.withResolvers<void>();
    const presence = new NodePresence({
      registry: {
        beat: async (beat) => {
          cordoned.push(beat.cordoned);
          const reply = replies[cordoned.length - 1] ?? assert.fail('a beat too many');
          if (cordoned.length === replies.length) done.resolve();
          if (reply instanceof Error) throw reply;
          return reply;
        },
        leave: async () => undefined,
        onAvailability: () => () => undefined,
      },
      ...{ node, load: () => ({ state: 'cordoned', sessions: 0, connections: 0 }), logger: silentLogger },
      ...{ onReplaced: (error) => assert.fail(error), everyMs: 1, cordoned: true },
    });
    presence.start();
    await done.promise;
    await presence.close();
    assert.deepEqual(cordoned, [true, true, false, false]);
  });

  it('takes a new boot when the old one was declared dead', async () => {
    const told: string[] = [];
    const { presence, beats, seen, left } = setUp([{ outcome: 'dead', replaced: false }, ok], {
      onDead: (boot) => told.push(boot),
    });
    presence.start();
    await beats(2);
    assert.equal(seen[0], 'first');
    assert.notEqual(seen[1], 'first');
    assert.deepEqual(told, [seen[1]]);
    assert.equal(presence.node.boot, seen[1]);
    await presence.close();
    assert.deepEqual(left, [seen[1]]);
  });

  describe('confirm', { timeout: 5_000 }, () => {
    it('beats now, and resolves once that beat was accepted', async () => {
      const { presence, beats, seen } = setUp([ok]);
      presence.start();
      await beats(1);
      await new Promise(setImmediate);
      await presence.confirm();
      assert.equal(seen.length, 2);
      await presence.close();
    });

    it('is not content with a beat that was under way before', async () => {
      const underWay = Promise.withResolvers<void>();
      const { presence, beats, seen } = setUp([ok], {
        // Asked in the middle of a beat, which began before.
        onReply: () => {
          if (seen.length === 1) void presence.confirm().then(underWay.resolve);
        },
      });
      presence.start();
      await beats(1);
      await underWay.promise;
      assert.equal(seen.length, 2);
      await presence.close();
    });

    it('of a node that was declared dead resolves under its new boot', async () => {
      const { presence, beats, seen } = setUp([ok, { outcome: 'dead', replaced: false }, ok]);
      presence.start();
      await beats(1);
      await new Promise(setImmediate);
      await presence.confirm();
      assert.deepEqual([seen.length, seen[1] === seen[0], seen[2] === seen[1]], [3, true, false]);
      assert.equal(presence.node.boot, seen[2]);
      await presence.close();
    });

    it('rejects when the registry does not answer, and may be asked again', async () => {
      const { presence, beats } = setUp([ok, new CulvertError('registry_unavailable'), ok]);
      presence.start();
      await beats(1);
      await new Promise(setImmediate);
      await assert.rejects(presence.confirm(), { code: 'registry_unavailable' });
      await presence.confirm();
      await presence.close();
    });

    it('asked several times at once is one beat', async () => {
      const { presence, beats, seen } = setUp([ok]);
      presence.start();
      await beats(1);
      await new Promise(setImmediate);
      await Promise.all([presence.confirm(), presence.confirm(), presence.confirm()]);
      assert.equal(seen.length, 2);
      await presence.close();
    });

    it('rejects when the node stops before', async () => {
      const { presence, beats } = setUp([ok]);
      presence.start();
      await beats(1);
      await new Promise(setImmediate);
      const closing = presence.close();
      await assert.rejects(presence.confirm(), { code: 'shutting_down' });
      await closing;
    });
  });

  it('an answer that was lost may have said what is missing: with the next one, everything may be', async () => {
    const kinds: string[] = [];
    const done = Promise.withResolvers<void>();
    const { presence } = setUp([ok, new CulvertError('registry_unavailable'), ok, ok], {
      everyMs: 1,
      onReply: ({ missing }) => {
        kinds.push(missing.kind);
        if (kinds.length === 3) done.resolve();
      },
    });
    presence.start();
    await done.promise;
    assert.deepEqual(kinds.slice(0, 3), ['nothing', 'unknown', 'nothing']);
    await presence.close();
  });

  it('passes on what is missing as it was told', async () => {
    const missing: Missing = { kind: 'some', operations: [{ sessionId: 's_1', epoch: 7, released: false }] };
    const told = Promise.withResolvers<Missing>();
    const { presence } = setUp([{ ...ok, missing }], { onReply: (reply) => told.resolve(reply.missing) });
    presence.start();
    assert.deepEqual(await told.promise, missing);
    await presence.close();
  });

  it('says which round it has confirmed, at once and from then on; a new boot has confirmed none', async () => {
    const { presence, beats, seen, confirmed } = setUp([ok, ok, ok, { outcome: 'dead', replaced: false }, ok]);
    presence.start();
    await beats(1);
    await new Promise(setImmediate);
    presence.confirmRound('r1');
    await beats(2);
    await new Promise(setImmediate);
    presence.confirmRound('r1');
    await new Promise(setImmediate);
    assert.equal(seen.length, 2, 'said already');
    await presence.confirm();
    assert.deepEqual(confirmed, [undefined, 'r1', 'r1']);
    await presence.confirm();
    assert.deepEqual(confirmed.slice(3), ['r1', undefined]);
    await presence.close();
  });

  describe('its lease', () => {
    /** Stands until it is moved; there is one timer at most. */
    class Still implements Clock {
      nowMs = 0;
      #timer: { readonly atMs: number; readonly run: () => void } | undefined;
      now = (): number => this.nowMs;
      monotonic = (): number => this.nowMs;
      after(delayMs: number, run: () => void): () => void {
        assert.equal(this.#timer, undefined);
        this.#timer = { atMs: this.nowMs + delayMs, run };
        return () => {
          this.#timer = undefined;
        };
      }
      advance(ms: number): void {
        this.nowMs += ms;
        const timer = this.#timer;
        if (timer === undefined || timer.atMs > this.nowMs) return;
        this.#timer = undefined;
        timer.run();
      }
      get idle(): boolean {
        return this.#timer === undefined;
      }
    }

    function withClock(replies: (BeatReply | Error)[], options: Partial<NodePresenceOptions> = {}) {
      const clock = new Still();
      const world = setUp(replies, { clock, leaseMs: 6_000, ...options });
      const told: string[] = [];
      world.presence.onLease((held) => told.push(`${clock.nowMs} ${held}`));
      return { ...world, clock, told };
    }

    it('counts from when the beat was sent, less a margin; and is told of at the moment it lapses', async () => {
      const { presence, clock, told } = withClock([ok]);
      assert.equal(presence.held, false);
      presence.start();
      await presence.confirm();
      clock.advance(2_000);
      await presence.confirm();
      assert.deepEqual(told, ['0 true']);
      clock.advance(5_499);
      assert.equal(presence.held, true);
      clock.advance(1);
      assert.deepEqual([presence.held, told], [false, ['0 true', '7500 false']]);
      await presence.confirm();
      assert.deepEqual([presence.held, told.at(-1)], [true, '7500 true']);
      await presence.close();
      assert.equal(clock.idle, true, 'no timer is left');
    });

    it('an answer that came late counts from the time of the question', async () => {
      const clock = new Still();
      const answers: PromiseWithResolvers<BeatReply>[] = [];
      const { presence } = setUp([], {
        ...{ clock, leaseMs: 6_000 },
        registry: {
          beat: () => {
            const answer = Promise.withResolvers<BeatReply>();
            answers.push(answer);
            return answer.promise;
          },
          leave: async () => undefined,
          onAvailability: () => () => undefined,
        },
      });
      const told: boolean[] = [];
      presence.onLease((held) => told.push(held));
      presence.start();
      clock.advance(5_500);
      answers[0]?.resolve(ok);
      await new Promise(setImmediate);
      assert.deepEqual([presence.held, told], [false, []]);
      await presence.close();
    });

    it('is over with its boot, whatever was counted, and held again under the new one', async () => {
      const { presence, told } = withClock([ok, { outcome: 'dead', replaced: false }, ok]);
      presence.start();
      await presence.confirm();
      await presence.confirm();
      assert.deepEqual(told, ['0 true', '0 false', '0 true']);
      await presence.close();
    });

    it('a process that overslept hears that it had lapsed, though the answer comes before the timer', async () => {
      const { presence, clock, told } = withClock([ok]);
      presence.start();
      await presence.confirm();
      clock.nowMs += 60_000;
      await presence.confirm();
      assert.deepEqual(told, ['0 true', '60000 false', '60000 true']);
      await presence.close();
    });

    it('is told of behind the reply that renewed it', async () => {
      const order: string[] = [];
      const { presence } = withClock([ok], { onReply: () => order.push('reply') });
      presence.onLease((held) => order.push(`lease ${held}`));
      presence.start();
      await presence.confirm();
      assert.deepEqual(order.slice(0, 2), ['reply', 'lease true']);
      await presence.close();
    });
  });
});
