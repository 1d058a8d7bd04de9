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

  it('takes a new boot when the old one was declared dead', async () => {
    const told: string[] = [];
    const { presence, beats, seen, left } = setUp([{ outcome: 'dead' }, ok], { onDead: (boot) => told.push(boot) });
    presence.start();
    await beats(2);
    assert.equal(seen[0], 'first');
    assert.notEqual(seen[1], 'first');
    assert.deepEqual(told, [seen[1]]);
    assert.equal(presence.node.boot, seen[1]);
    await presence.close();
    assert.deepEqual(left, [seen[1]]);
  });
});
