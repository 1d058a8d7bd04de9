import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DeploymentBody } from '@culvert/contracts';
import { extent, inFull } from '../support/chaos/extent.ts';
import { Report } from '../support/chaos/report.ts';
import { DeploymentDriver } from '../support/deploy/deployments.ts';
import { ReleaseWorld } from '../support/deploy/release-world.ts';

const SESSIONS = extent(300, 60);
const BUSY = extent(60, 12);
const DEADLINE_MS = 240_000;

describe('a release under traffic', { timeout: 900_000 }, () => {
  const report = new Report();
  let world: ReleaseWorld;
  before(async () => {
    world = await ReleaseWorld.open({ sessions: SESSIONS, busy: BUSY });
  });
  after(async () => {
    report.print();
    await world.end();
  });

  async function unnoticed(body: DeploymentBody): Promise<void> {
    const name = `${body.strategy}, ${SESSIONS} sessions, ${BUSY} busy`;
    const receipt = await world.unnoticed(name, report, async () => {
      const deployment = await DeploymentDriver.start(world.api, body);
      await deployment.ends('succeeded', DEADLINE_MS);
      return deployment.receipt();
    });
    assert.deepEqual(
      await world.versions(),
      Array.from({ length: 4 }, () => body.version),
    );
    assert.equal(new Set(receipt.sessions.map(({ id }) => id)).size, SESSIONS);
  }

  it('rolling: nobody notices', () => unnoticed({ version: '2.0.0', strategy: 'rolling' }));

  inFull(() => {
    it('canary: nobody notices', () =>
      unnoticed({ version: '3.0.0', strategy: 'canary', canary: { percent: 25, analyzeMs: 3_000 } }));

    it('surge: nobody notices', () => unnoticed({ version: '4.0.0', strategy: 'surge', batch: 2, surge: 2 }));

    it('blue-green: nobody notices', () => unnoticed({ version: '5.0.0', strategy: 'blue-green', keepWarmMs: 3_000 }));
  });
});
