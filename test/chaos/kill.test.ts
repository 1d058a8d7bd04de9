import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import { ChaosCluster } from '../support/chaos/chaos-cluster.ts';
import { extent } from '../support/chaos/extent.ts';
import { assertGaps, Report } from '../support/chaos/report.ts';

const ROUNDS = extent(20, 3);
/** A short run shares the machine with who knows what: there, only a gap of another kind is a fault. */
const GAP_P99_MS = extent(1_500, 6_000);
/** The one that took over is killed so long after the first. */
const SECOND_BLOW_MS = 1_000;

describe('a worker that is killed', { timeout: 300_000 }, () => {
  const report = new Report();
  let chaos: ChaosCluster;
  before(async () => {
    chaos = await ChaosCluster.open();
  });
  after(async () => {
    report.print();
    await chaos.end();
  });

  it(`the owner, ${ROUNDS} times in a row`, async () => {
    const tally = await chaos.keeps(`kill -9 of the owner, ${ROUNDS} times`, report, async (traffic) => {
      for (let round = 0; round < ROUNDS && traffic.tally().lost.length === 0; round += 1) {
        const { node, epoch } = await chaos.owner();
        await traffic.through(() => chaos.worker(node).kill('SIGKILL'));
        const next = await chaos.ownerOtherThan(node);
        assert.ok(next.epoch > epoch, `epoch ${next.epoch} follows ${epoch}`);
        await chaos.worker(node).start();
      }
      return ROUNDS;
    });
    assertGaps(tally, GAP_P99_MS);
  });

  it('the owner and, a second later, the one that took over', async () => {
    await chaos.keeps('kill -9 of the owner and its successor', report, async (traffic) => {
      const first = await chaos.owner();
      let second = first;
      await traffic.through(async () => {
        const killedAt = performance.now();
        await chaos.worker(first.node).kill('SIGKILL');
        second = await chaos.ownerOtherThan(first.node);
        await sleep(Math.max(0, SECOND_BLOW_MS - (performance.now() - killedAt)));
        await chaos.worker(second.node).kill('SIGKILL');
      });
      const third = await chaos.ownerOtherThan(second.node);
      assert.ok(third.epoch > second.epoch);
      await Promise.all([first, second].map(({ node }) => chaos.worker(node).start()));
      return 1; // or 2, for those that were attached again before the second blow
    });
  });
});
