import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import type { ManagedProcess } from '@culvert/local';
import { ApiRelay } from '../support/chaos/api-relay.ts';
import { ChaosCluster, type ChaosOptions } from '../support/chaos/chaos-cluster.ts';
import { extent, inFull } from '../support/chaos/extent.ts';
import { FaultRelay, urlOf } from '../support/chaos/fault-relay.ts';
import { Report } from '../support/chaos/report.ts';
import { resumeCountsOf } from '../support/chaos/resume-counts.ts';
import { eventually } from '../support/eventually.ts';

const SEED = 7;
const AWAY_MS = extent(20_000, 8_000);
const SHORT_WINDOW = { flags: ['--resume-window', '5s'] };
/** Silence is noticed after 12 s, then the window has to pass; the rest is for two busy cores. */
const EXPIRED_DEADLINE_MS = 12_000 + 5_000 + 5_000;

// What takes its time here is waiting, so the two clusters hardly disturb each other.
inFull(() => {
  describe('an agent that is cut off from everything', { timeout: 180_000, concurrency: true }, () => {
    const report = new Report();
    after(() => report.print());

    it(`for ${AWAY_MS / 1_000} s: its connections go on`, async () => {
      const relay = new FaultRelay(SEED);
      await using chaos = await openBehind(relay);
      await chaos.keeps(`agent cut off for ${AWAY_MS / 1_000} s`, report, async (traffic) => {
        await traffic.through(async () => {
          relay.cut();
          await sleep(AWAY_MS);
          relay.heal();
        });
        return 1;
      });
    });

    it('for longer than the resume window: both sides are reset, closed and counted', async () => {
      const relay = new FaultRelay(SEED);
      await using chaos = await openBehind(relay, {
        cluster: { overrides: { gateway: SHORT_WINDOW, worker: SHORT_WINDOW } },
        agent: SHORT_WINDOW,
      });
      const [gateway] = chaos.gateways;
      assert.ok(gateway);
      await using traffic = await chaos.traffic(chaos.wayOf(gateway));
      await traffic.stopOpening();
      const connections = traffic.flows.length;
      await eventually('no other connection', () => traffic.targetSockets === connections);
      const worker = chaos.worker((await chaos.owner()).node);
      relay.cut();
      const expired = (): boolean => traffic.tally().lost.length === connections && traffic.targetSockets === 0;
      await eventually('the end of every connection, at both sides', expired, EXPIRED_DEADLINE_MS);
      const counts = await resumeCountsOf(chaos.gateways);
      report.add('agent cut off for longer than the window', traffic.tally(), counts);
      assert.deepEqual(counts.lost, { resume_expired: connections });
      // Each side tells who closed it, and why.
      assert.deepEqual(await closesIn(gateway), { 'culvert resume_expired': connections });
      const toldByWorker = async () => (await closesIn(worker))['culvert resume_expired'] === connections;
      await eventually('the worker tells the end of each', toldByWorker);
      assert.deepEqual(await closesIn(chaos.agent.process), { 'culvert resume_expired': connections });

      relay.heal();
      await eventually('the agent serves again', async () => (await chaos.owner()).node, EXPIRED_DEADLINE_MS);
      await eventually('an idle session', async () => (await chaos.session()).connections === 0);
      await chaos.keeps('… and back, with new connections', report, async (fresh) => {
        await fresh.passed();
        return 0;
      });
    });
  });
});

/** How often a connection was closed by whom and why, as the log has it; those that ended in good order left out. */
async function closesIn(process: ManagedProcess): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { ts, event, closed_by, reason } of await process.log()) {
    // What an agent tells on stdout stands beside its log, without a time.
    if (ts === undefined || event !== 'connection.close' || reason === 'end') continue;
    const name = `${closed_by} ${reason}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** A cluster whose agent reaches nothing of it but through the relay. */
function openBehind(relay: FaultRelay, options: ChaosOptions = {}): Promise<ChaosCluster> {
  return ChaosCluster.open({
    ...options,
    cluster: { workers: 2, ...options.cluster },
    between: async (cluster, scope) => {
      scope.use(relay);
      const api = scope.use(await ApiRelay.start(cluster.api.url, (link) => relay.addressFor(link)));
      return { api: urlOf(await relay.addressFor(api.address)) };
    },
  });
}
