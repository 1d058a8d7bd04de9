import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertKept } from '../support/chaos/report.ts';
import { type BadVersion, checkoutOf } from '../support/deploy/checkouts.ts';
import { DeploymentDriver } from '../support/deploy/deployments.ts';
import { ReleaseWorld } from '../support/deploy/release-world.ts';

const DEADLINE_MS = 120_000;
/** New connections per second, times the seconds until the analysis sees it and the old node is back. */
const MOST_ERRORS = 400;

describe('a bad version', { timeout: 400_000 }, () => {
  let world: ReleaseWorld;
  before(async () => {
    world = await ReleaseWorld.open({ cluster: { workers: 2, gateways: 1 }, sessions: 12, busy: 6 });
  });
  after(() => world.end());

  const release = (version: BadVersion): Promise<DeploymentDriver> =>
    DeploymentDriver.start(world.api, {
      version: `9.9.9-${version}`,
      strategy: 'rolling',
      analyzeMs: 5_000,
      provider: { kind: 'process', directory: checkoutOf(version) },
    });

  /** Nobody's link, connection or request was touched. */
  async function expectUntouched(): Promise<void> {
    await world.busy.passed();
    const tally = world.busy.tally();
    assertKept(tally);
    assert.deepEqual(tally.refused, {});
    assert.deepEqual(
      world.crowd.members.filter((member) => world.crowd.linksOf(member).length > 0),
      [],
      'sessions that were moved',
    );
    assert.deepEqual(await world.versions(), [world.cluster.workers[0]?.version, world.cluster.workers[0]?.version]);
  }

  it('that does not start is destroyed, and nobody is touched', async () => {
    world.crowd.forget();
    const over = await (await release('no-start')).ends('rolled_back', DEADLINE_MS);
    assert.match(over.reason ?? '', /did not start|exited|ended/i);
    await expectUntouched();
  });

  it('that fails its verification is destroyed, and nobody is touched', async () => {
    world.crowd.forget();
    const over = await (await release('no-resume')).ends('rolled_back', DEADLINE_MS);
    assert.match(over.reason ?? '', /failed its probes: a connection whose agent's link is cut/);
    await expectUntouched();
  });

  it('that fails under load is rolled back: no connection in use is lost, and the errors are bounded', async () => {
    const before = world.busy.tally();
    const deployment = await release('fails-under-load');
    const over = await deployment.ends('rolled_back', DEADLINE_MS);
    assert.match(over.reason ?? '', /error|fail/i);
    await world.busy.passed();
    const tally = world.busy.tally();
    assertKept(tally);
    const refused = Object.values(tally.refused).reduce((sum, count) => sum + count, 0);
    assert.ok(refused > 0, 'nothing failed: the version was not bad');
    assert.ok(refused < MOST_ERRORS, `${refused} new connections were refused`);
    assert.ok(tally.opened > before.opened);
    const versions = await world.versions();
    assert.ok(!versions.includes('9.9.9-fails-under-load'), String(versions));
    assert.equal(versions.length, 2);
    const receipt = await deployment.receipt();
    assert.equal(receipt.totals.connectionsLost, 0);
    assert.equal(receipt.state, 'rolled_back');
  });
});
