import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { agentEvent } from '../support/agent-process.ts';
import { ChaosCluster } from '../support/chaos/chaos-cluster.ts';
import { extent, inFull } from '../support/chaos/extent.ts';
import { assertGaps, assertKept, Report } from '../support/chaos/report.ts';
import { resumeCountsOf } from '../support/chaos/resume-counts.ts';

/** As in kill.test.ts. */
const GAP_P99_MS = extent(1_500, 6_000);

inFull(() => {
  describe('an agent with a second worker on standby', { timeout: 120_000 }, () => {
    const report = new Report();
    let chaos: ChaosCluster;
    before(async () => {
      chaos = await ChaosCluster.open({ cluster: { workers: 2 }, agent: { flags: ['--links', '2'] } });
    });
    after(async () => {
      report.print();
      await chaos.end();
    });

    it('outlives the kill of its worker with no API to ask: no ticket, no dial', async () => {
      const [gateway] = chaos.gateways;
      const [api] = chaos.apis;
      assert.ok(gateway && api);
      await agentEvent(chaos.agent.process, ({ event }) => event === 'standby.up');
      const { node } = await chaos.owner();
      // A local proxy finds owners by the API, so only the gateway's way is left.
      await using traffic = await chaos.traffic(chaos.wayOf(gateway));
      await api.kill('SIGSTOP');
      try {
        await traffic.through(() => chaos.worker(node).kill('SIGKILL'));
        const tally = await traffic.finish();
        report.add('kill -9 of the owner, the API frozen, --links 2', tally, await resumeCountsOf(chaos.gateways));
        assertKept(tally);
        assertGaps(tally, GAP_P99_MS);
      } finally {
        await api.kill('SIGCONT');
      }
      const next = await chaos.ownerOtherThan(node);
      const ups = chaos.agent.process.events.filter(({ event }) => event === 'link.up');
      assert.deepEqual(
        ups.map((event) => event.node),
        [node, next.node],
      );
      await chaos.worker(node).start();
    });
  });
});
