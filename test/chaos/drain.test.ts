import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ManagedProcess } from '@culvert/local';
import { ChaosCluster, HOST } from '../support/chaos/chaos-cluster.ts';
import { EchoTunnel } from '../support/chaos/echo-tunnel.ts';
import { extent } from '../support/chaos/extent.ts';
import { assertGaps, Report } from '../support/chaos/report.ts';
import { startTcpTarget } from '../support/targets/target.ts';

const ROUNDS = extent(2, 1);
const TIMES = ROUNDS === 1 ? 'once' : 'twice';
/** A short run shares the machine with who knows what: there, only a gap of another kind is a fault. */
const GAP_P99_MS = extent(150, 1_500);

describe('a worker that is drained', { timeout: 180_000 }, () => {
  const report = new Report();
  let chaos: ChaosCluster;
  before(async () => {
    chaos = await ChaosCluster.open();
  });
  after(async () => {
    report.print();
    await chaos.end();
  });

  it(`every worker in turn, ${TIMES} round: nothing is lost and no new connection refused`, async () => {
    let moves = 0;
    const tally = await chaos.keeps(`drain of every worker, ${TIMES} round`, report, async (traffic) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const worker of chaos.workers) {
          const drain = async (): Promise<void> => {
            await chaos.api.call('POST', `/nodes/${worker.id}/drain`);
            await chaos.nodeState(worker.id, 'empty');
          };
          // A worker that has nothing to move makes no gap, and would only make the figures look better.
          if ((await chaos.owner()).node === worker.id) {
            await traffic.through(drain);
            moves += 1;
          } else await drain();
          assert.deepEqual(await blockersOf(worker), []);
          assert.equal((await chaos.readinessOf(worker)).ready, true);
          assert.notEqual((await chaos.owner()).node, worker.id);
          await chaos.api.call('POST', `/nodes/${worker.id}/uncordon`);
        }
        await Promise.all(chaos.workers.map(({ id }) => chaos.nodeState(id, 'ready')));
      }
      return moves;
    });
    assert.ok(moves >= ROUNDS, `the session moved ${moves} times`);
    assert.deepEqual(tally.refused, {});
    assertGaps(tally, GAP_P99_MS);
  });

  it('a connection on the worker’s own address follows its session, and is named as what the drain waits for', async () => {
    await using target = await startTcpTarget((socket) => void socket.pipe(socket));
    const { node } = await chaos.owner();
    const worker = chaos.worker(node);
    const direct = await EchoTunnel.open(chaos.proxyOf(worker), `${HOST}:${target.port}`);
    await direct.echoes('before');
    await chaos.api.call('POST', `/nodes/${node}/drain`);
    await chaos.ownerOtherThan(node);
    await direct.echoes('behind');
    const [blocker, ...others] = await blockersOf(worker);
    assert.deepEqual(others, []);
    const { sessionId: session } = chaos.agent;
    assert.partialDeepStrictEqual(blocker, {
      kind: 'connection',
      reason: 'direct',
      session,
      target: `${HOST}:${target.port}`,
    });
    assert.deepEqual(await chaos.node(node).then(({ state }) => state), 'draining');
    assert.partialDeepStrictEqual(await chaos.readinessOf(worker), { ready: false, connections: 1 });
    direct.close();
    await chaos.nodeState(node, 'empty');
    await chaos.api.call('POST', `/nodes/${node}/uncordon`);
    await chaos.nodeState(node, 'ready');
  });

  it('SIGTERM of the owner under traffic', async () => {
    const tally = await chaos.keeps('SIGTERM of the owner', report, async (traffic) => {
      const { node } = await chaos.owner();
      const owner = chaos.worker(node);
      await traffic.through(() => owner.stop());
      await chaos.ownerOtherThan(node);
      await owner.start();
      await chaos.nodeState(node, 'ready');
      return 1;
    });
    assert.deepEqual(tally.refused, {});
    assertGaps(tally, GAP_P99_MS);
  });

  async function blockersOf({ id }: ManagedProcess): Promise<unknown[]> {
    return (await chaos.api.call<{ items: unknown[] }>('GET', `/nodes/${id}/blockers`)).items;
  }
});
