import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Report } from '../../support/chaos/report.ts';
import { DeploymentDriver } from '../../support/deploy/deployments.ts';
import { ReleaseWorld } from '../../support/deploy/release-world.ts';
import { PREVIOUS, previousRelease, previousReleaseMissing } from '../../support/previous-release.ts';
import { CULVERT_ENTRY } from '../../support/with-cluster.ts';

const here = dirname(dirname(dirname(dirname(CULVERT_ENTRY))));
const SESSIONS = 12;
const DEADLINE_MS = 120_000;
const missing = await previousReleaseMissing();

/** As docs/UPGRADE.md has it: APIs and deploy workers first, then workers, while the rest is still what it was. */
describe(`the upgrade from ${PREVIOUS.version}`, { timeout: 300_000, skip: missing ?? false }, () => {
  const report = new Report();
  let world: ReleaseWorld;
  let previous: string;

  before(async () => {
    previous = await previousRelease();
    const entry = join(previous, 'packages/cli/src/main.ts');
    const cluster = { workers: 2, gateways: 1, overrides: { worker: { entry }, gateway: { entry } } };
    world = await ReleaseWorld.open({ cluster, sessions: SESSIONS, busy: 4 });
  });
  after(async () => {
    report.print();
    await world.end();
  });

  async function release(name: string, version: string, directory: string): Promise<void> {
    await world.unnoticed(name, report, async () => {
      const provider = { kind: 'process', directory } as const;
      const deployment = await DeploymentDriver.start(world.api, {
        version,
        strategy: 'rolling',
        analyzeMs: 0,
        provider,
      });
      await deployment.ends('succeeded', DEADLINE_MS);
      return deployment.receipt();
    });
    assert.deepEqual(await world.versions(), [version, version]);
  }

  it('of the workers is noticed by nobody', () => release('upgrade', 'next', here));

  it('can be taken back: the previous release’s workers serve again, and nobody notices', () =>
    release('downgrade', PREVIOUS.version, previous));
});
