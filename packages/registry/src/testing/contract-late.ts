import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Clock, randomId, systemClock } from '@culvert/base';
import type { Registry } from '../registry.ts';
import type { NodeInfo } from '../types.ts';
import type { World } from './contract.ts';
import { beats, claimOf, hasCode, nodeOf, READY, readyNode, reassertOf, takes, updateOf } from './fixtures.ts';

/** A clock that can be put back: deadlines that are worked out with it are over before the command arrives. */
class LateClock implements Clock {
  lateMs = 0;
  now = () => systemClock.now();
  monotonic = () => systemClock.monotonic() - this.lateMs;
  after: Clock['after'] = (ms, work) => systemClock.after(ms, work);
}

export function lateContract(world: World): void {
  /** Everything that writes. */
  const commands: Record<
    string,
    (registry: Registry, node: NodeInfo, sessionId: string, epoch: number) => Promise<unknown>
  > = {
    beat: (registry, node) => registry.beat({ node, load: { ...READY, state: 'draining' } }),
    'first beat': (registry) => registry.beat({ node: nodeOf(), load: READY }),
    leave: (registry, node) => registry.leave(node),
    cordon: (registry, node) => registry.setCordoned(node.id, true),
    claim: (registry, node) => registry.claim(claimOf(node)),
    'claim of one that is there': (registry, node, sessionId) => registry.claim(claimOf(node, { sessionId })),
    update: (registry, node, sessionId, epoch) => registry.updateSessions(node, [updateOf(sessionId, epoch)]),
    reassert: (registry, node, sessionId, epoch) =>
      registry.reassert(node, [reassertOf(claimOf(node, { sessionId }), epoch)]),
    release: (registry, node, sessionId, epoch) => registry.release({ sessionId, node, epoch, reason: 'aborted' }),
    settings: (registry) =>
      registry.settings.putTenant({
        ...{ id: randomId('t').toLowerCase(), name: 'T', createdAt: 0, pool: null, spill: [] },
        limits: { sessions: 1, connectionsPerSession: 1 },
      }),
    'Idempotency-Key': (registry) => registry.idempotency.begin('key', 'print'),
    sweep: (registry) => registry.sweep({ sessionGraceMs: 0, nodeGraceMs: 0 }),
  };

  for (const [name, command] of Object.entries(commands)) {
    it(`a ${name} that arrives after its deadline does nothing`, async () => {
      const clock = new LateClock();
      await using registry = await world.factory().connect({ clock });
      const node = await readyNode(registry);
      const claim = claimOf(node);
      const epoch = await takes(registry, claim);
      await registry.settings.load();
      const before = await look(node, claim.sessionId);
      clock.lateMs = 5_000;
      await assert.rejects(command(registry, node, claim.sessionId, epoch), hasCode('registry_unavailable'));
      assert.deepEqual(await look(node, claim.sessionId), before);
      clock.lateMs = 0;
      await beats(registry, node);
    });
  }

  /** What of the above would have changed, as another process sees it. */
  async function look(node: NodeInfo, sessionId: string): Promise<unknown> {
    const registry = world.registry();
    const [view, nodes, session] = [
      await registry.getNode(node.id),
      (await registry.listNodes()).map(({ id }) => id),
      await registry.getSession(sessionId),
    ];
    const { revision } = await registry.settings.load();
    const owned = await registry.listOwned(node);
    const { leaseAgeMs: _, ...rest } = view ?? assert.fail('the node is gone');
    return { rest, nodes, session, revision, owned };
  }
}
