import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ChaosCluster } from '../support/chaos/chaos-cluster.ts';
import { assertKept, Report } from '../support/chaos/report.ts';
import { resumeCountsOf } from '../support/chaos/resume-counts.ts';
import { eventually } from '../support/eventually.ts';

const WINDOW_MS = 5_000;
const SHORT_WINDOW = { flags: ['--resume-window', `${WINDOW_MS}ms`] };
/** Two busy cores need a moment behind the window. */
const REAPED_DEADLINE_MS = WINDOW_MS + 3_000;

describe('a gateway that is killed', { timeout: 120_000 }, () => {
  const report = new Report();
  let chaos: ChaosCluster;
  before(async () => {
    const overrides = { gateway: SHORT_WINDOW, worker: SHORT_WINDOW };
    chaos = await ChaosCluster.open({ cluster: { workers: 2, gateways: 2, overrides }, agent: SHORT_WINDOW });
  });
  after(async () => {
    report.print();
    await chaos.end();
  });

  it('its browsers lose their sockets, the agent’s side is reaped, and no other gateway notices', async () => {
    const [doomed, other] = chaos.gateways;
    assert.ok(doomed && other);
    await using traffic = await chaos.traffic({ ...chaos.wayOf(doomed), ...chaos.wayOf(other) });
    await traffic.stopOpening();
    const [gone, left] = [traffic.via(doomed.id), traffic.via(other.id)];

    await traffic.through(() => doomed.kill('SIGKILL'));
    assert.equal(traffic.tally(gone).lost.length, gone.length);
    const reaped = (): boolean => traffic.targetSockets === left.length;
    await eventually('the targets’ sockets of the dead gateway are closed', reaped, REAPED_DEADLINE_MS);

    await traffic.passed();
    await traffic.finish();
    const tally = traffic.tally(left);
    report.add('kill -9 of another gateway', tally, await resumeCountsOf([other]));
    assertKept(tally);
    await eventually('no target has a socket open', () => traffic.targetSockets === 0);
    await eventually('the session is idle', async () => (await chaos.session()).connections === 0);
    for (const worker of chaos.workers) {
      const { connections, bufferedBytes } = await chaos.readinessOf(worker);
      assert.deepEqual({ connections, bufferedBytes }, { connections: 0, bufferedBytes: 0 }, worker.id);
    }
  });
});
