import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { NodePresence, type NodePresenceOptions } from './presence.ts';
import type { BeatReply, NodeInfo } from './types.ts';

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
};
const ok: BeatReply = { outcome: 'ok', fresh: true, cordoned: false, settingsRevision: 0, nowMs: 0 };

/** A registry that answers each beat with the next reply, and tells of each beat. */
function setUp(replies: (BeatReply | Error)[], options: Partial<NodePresenceOptions> = {}) {
  const seen: string[] = [];
  const left: string[] = [];
  const waiting = new Map<number, () => void>();
  let up: ((up: boolean) => void) | undefined;
  const presence = new NodePresence({
    registry: {
      beat: async ({ boot }) => {
        seen.push(boot);
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
  return { presence, seen, left, beats, up: () => up?.(true) };
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

  it('the lease may have been new to a beat whose answer was lost: the next one is told as fresh', async () => {
    const fresh: boolean[] = [];
    const done = Promise.withResolvers<void>();
    const stale: BeatReply = { ...ok, fresh: false };
    const { presence } = setUp([stale, new CulvertError('registry_unavailable'), stale, stale], {
      everyMs: 1,
      onReply: (reply) => {
        fresh.push(reply.fresh);
        if (fresh.length === 3) done.resolve();
      },
    });
    presence.start();
    await done.promise;
    assert.deepEqual(fresh.slice(0, 3), [false, true, false]);
    await presence.close();
  });
});
