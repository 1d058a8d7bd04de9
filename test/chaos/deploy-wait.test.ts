import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Deployment, DeploymentBody } from '@culvert/contracts';
import { inFull } from '../support/chaos/extent.ts';
import { assertKept } from '../support/chaos/report.ts';
import { DeploymentDriver, story } from '../support/deploy/deployments.ts';
import { ReleaseWorld } from '../support/deploy/release-world.ts';
import { eventually } from '../support/eventually.ts';

const BUSY = 6;
const DEADLINE_MS = 90_000;
/** For the busy sessions of a node. */
const PATIENCE_MS = 2_000;
/** … while somebody looks who they are, on a machine with much else to do. */
const LONG_PATIENCE_MS = 10_000;

describe('a release that waits for the busy', { timeout: 400_000 }, () => {
  let world: ReleaseWorld;
  before(async () => {
    world = await ReleaseWorld.open({ cluster: { workers: 2, gateways: 1 }, sessions: 18, busy: BUSY });
  });
  after(() => world.end());

  const release = (
    version: string,
    onDeadline: NonNullable<DeploymentBody['onDeadline']>,
    deadlineMs: number = PATIENCE_MS,
  ) => DeploymentDriver.start(world.api, { version, policy: 'wait', deadlineMs, onDeadline });

  const busyIds = (): Set<string> => new Set(world.busy.connections.map(({ session }) => session));
  const waits = ({ nodes }: Deployment): boolean => nodes.some(({ step, busy }) => step === 'busy' && busy > 0);

  /** The worker that is drained now. */
  function drained(deployment: Deployment): string {
    const unit = deployment.nodes.find(({ state }) => state === 'running');
    assert.ok(unit, story(deployment));
    return unit.id;
  }

  async function nobodyLost(): Promise<void> {
    await world.busy.passed();
    const tally = world.busy.tally();
    assertKept(tally);
    assert.deepEqual(tally.refused, {});
  }

  it('closes the idle, which come back elsewhere, leaves the busy alone, and names them; abort lets them stay', async () => {
    const before = await world.owners();
    world.crowd.forget();
    const deployment = await release('2.0.0', 'abort', LONG_PATIENCE_MS);
    const node = drained(await deployment.until('a busy session is waited for', waits, DEADLINE_MS));
    const here = [...before].flatMap(([id, owner]) => (owner === node ? [id] : []));
    const busyHere = here.filter((id) => busyIds().has(id));
    assert.ok(busyHere.length > 0 && busyHere.length < here.length, 'the world is not as this test needs it');

    const reason = await eventually('who is waited for, and how busy each is', async () =>
      (await deployment.why()).reasons.find(
        ({ code, holders }) =>
          code === 'busy_sessions' &&
          busyHere.every((id) =>
            holders.some(({ session, bytesPerSecond }) => session === id && (bytesPerSecond ?? 0) > 0),
          ),
      ),
    );
    assert.deepEqual(new Set(reason.holders.map(({ session }) => session)), new Set(busyHere));
    assert.equal(reason.held, busyHere.length);
    for (const { target, connection, ageMs, lastByteAgoMs } of reason.holders) {
      assert.match(target ?? '', /^app\.internal:\d+$/);
      assert.ok(connection !== null && ageMs > 0);
      assert.ok(lastByteAgoMs !== null && lastByteAgoMs < 5_000, `last byte ${lastByteAgoMs} ms ago`);
    }

    const over = await deployment.ends('aborted', DEADLINE_MS);
    assert.match(over.reason ?? '', /deadline|in time/i);
    const after = await world.owners();
    for (const id of busyHere) assert.equal(after.get(id), node, 'a busy session was touched');
    for (const id of here)
      if (!busyIds().has(id)) assert.notEqual(after.get(id) ?? null, null, `${id} did not come back`);
    const receipt = await deployment.receipt();
    // A worker without any busy session may have been replaced before, and its sessions are among those that were here.
    const closed = receipt.sessions.filter(({ from, outcome }) => from === node && outcome === 'closed_idle');
    const closedIds = new Set(closed.map(({ id }) => id));
    for (const id of here) assert.equal(closedIds.has(id), !busyIds().has(id), `${id}, in the receipt`);
    for (const id of busyIds()) assert.ok(!closedIds.has(id), `${id} is busy`);
    const { state } = await world.api.call<{ state: string }>('GET', `/nodes/${node}`);
    assert.equal(state, 'ready', 'the node takes sessions again');
    await nobodyLost();
  });

  inFull(() => {
    it('extend goes on waiting', async () => {
      const deployment = await release('3.0.0', 'extend');
      await deployment.until(
        'the wait was extended',
        ({ events }) => events.some(({ message }) => /extend/i.test(message)),
        DEADLINE_MS,
      );
      const now = await deployment.show();
      assert.equal(now.state, 'running');
      await deployment.command('abort');
      await deployment.ends('aborted', DEADLINE_MS);
      await nobodyLost();
    });
  });

  inFull(() => {
    it('force closes what is left, and says so; connections through a gateway go on elsewhere', async () => {
      const deployment = await release('4.0.0', 'force');
      await deployment.ends('succeeded', DEADLINE_MS);
      const receipt = await deployment.receipt();
      const forced = receipt.sessions.filter(({ outcome }) => outcome === 'forced').map(({ id }) => id);
      assert.deepEqual(new Set(forced), busyIds());
      assert.equal(receipt.totals.connectionsLost, 0);
      await nobodyLost();
    });
  });

  inFull(() => {
    it('pause stays where it is until somebody decides; it ends by itself once nobody is busy any more', async () => {
      const deployment = await release('5.0.0', 'pause');
      const paused = await deployment.until('it is paused', ({ state }) => state === 'paused', DEADLINE_MS);
      assert.match(paused.reason ?? '', /deadline|in time/i);
      await nobodyLost();
      await world.busy.finish();
      await deployment.command('resume');
      await deployment.ends('succeeded', DEADLINE_MS);
      assert.deepEqual([...new Set(await world.versions())], ['5.0.0']);
    });
  });
});
