import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Clock, randomId, systemClock } from '@culvert/base';
import type { DeployLease, Deployments, StoredDeployment } from '../deployments/types.ts';
import type { Registry } from '../registry.ts';
import type { NodeInfo } from '../types.ts';
import type { World } from './contract.ts';
import { commandOf, commitOf, deploymentOf, holds } from './deployments.ts';
import { beats, claimOf, hasCode, nodeOf, READY, readyNode, reassertOf, takes, updateOf } from './fixtures.ts';

const ROLLOUT = { deployment: 'd_late', pool: 'default', nodes: [], percent: 1, tenants: [] };

/** A clock that can be put back: deadlines that are worked out with it are over before the command arrives. */
class LateClock implements Clock {
  lateMs = 0;
  now = () => systemClock.now();
  monotonic = () => systemClock.monotonic() - this.lateMs;
  after: Clock['after'] = (ms, work) => systemClock.after(ms, work);
}

export function lateContract(world: World): void {
  /** A deployment that waits, and who may move it on. */
  let deploying: { record: StoredDeployment; lease: DeployLease };
  async function deploys(deployments: Deployments): Promise<void> {
    deploying = { record: deploymentOf(), lease: await holds(deployments, 'one#b1') };
    await deployments.create(deploying.record, { queue: true });
  }

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
    deployment: ({ deployments }) => deployments.create(deploymentOf(), { queue: true }),
    'deployment that is put back': ({ deployments }) => deployments.restore(deploymentOf()),
    'deploy lease': ({ deployments }) => deployments.lease('late#b1', 1_000),
    'end of the deploy lease': ({ deployments }) => deployments.letGo(deploying.lease),
    commit: ({ deployments }) => deployments.commit(commitOf(deploying.record, deploying.lease)),
    'command to a deployment': ({ deployments }) => deployments.command(deploying.record.id, commandOf('abort')),
    result: ({ deployments }) => deployments.putResult(deploying.record.id, 'late', true),
    touch: ({ deployments }) => deployments.putTouched(deploying.record.id, new Map([['s_late', 1]])),
    receipt: ({ deployments }) => deployments.putReceipt(deploying.record.id, 'late'),
    rollout: ({ deployments }) => deployments.setRollout(ROLLOUT, deploying.lease.fence),
    schedule: ({ deployments }) => deployments.putDocument('schedule', 'late', {}),
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
      await deploys(registry.deployments);
      const before = await look(node, claim.sessionId);
      clock.lateMs = 5_000;
      await assert.rejects(command(registry, node, claim.sessionId, epoch), hasCode('registry_unavailable'));
      assert.deepEqual(await look(node, claim.sessionId), before);
      clock.lateMs = 0;
      await beats(registry, node);
      await registry.deployments.letGo(deploying.lease);
    });
  }

  async function lookAtDeployments(): Promise<unknown[]> {
    const { deployments } = world.registry();
    const { id } = deploying.record;
    return [
      ...[await deployments.list({ limit: 100 }), await deployments.lease('other#b1', 1_000)],
      ...[await deployments.commands(id), await deployments.results(id), await deployments.touched(id)],
      ...[await deployments.receipt(id), await deployments.rollout(), await deployments.documents('schedule')],
    ];
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
    return { rest, nodes, session, revision, owned, deployments: await lookAtDeployments() };
  }
}
