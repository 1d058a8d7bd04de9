import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import { ChaosCluster } from '../support/chaos/chaos-cluster.ts';
import { extent } from '../support/chaos/extent.ts';
import { assertGaps, Report } from '../support/chaos/report.ts';

/** Longer than a lease (6 s) and than the liveness deadline of links (12 s). */
const FROZEN_MS = extent(30_000, 14_000);
/** Links are given up after 12 s of silence; the rest is for the move itself. */
const GAP_P99_MS = extent(14_000, 20_000);
const BACK_DEADLINE_MS = 20_000;

describe('a worker that is frozen, and back', { timeout: 180_000 }, () => {
  const report = new Report();
  let chaos: ChaosCluster;
  before(async () => {
    chaos = await ChaosCluster.open();
  });
  after(async () => {
    report.print();
    await chaos.end();
  });

  it(`SIGSTOP of the owner for ${FROZEN_MS / 1_000} s, then SIGCONT: what moved stays moved`, async () => {
    const tally = await chaos.keeps(`SIGSTOP for ${FROZEN_MS / 1_000} s, SIGCONT`, report, async (traffic) => {
      const { node, epoch } = await chaos.owner();
      const frozenAt = performance.now();
      const frozen = chaos.worker(node);
      await traffic.through(() => frozen.kill('SIGSTOP'));
      const next = await chaos.ownerOtherThan(node);
      assert.ok(next.epoch > epoch, `epoch ${next.epoch} follows ${epoch}`);
      assert.equal((await chaos.node(node)).state, 'dead');

      await sleep(Math.max(0, FROZEN_MS - (performance.now() - frozenAt)));
      await frozen.kill('SIGCONT');
      await chaos.nodeState(node, 'ready', BACK_DEADLINE_MS);
      await traffic.passed();
      assert.deepEqual(await chaos.owner(), next);
      return 1;
    });
    assertGaps(tally, GAP_P99_MS);
  });
});
