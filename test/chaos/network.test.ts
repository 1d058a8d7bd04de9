import { after, before, describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import { ApiRelay } from '../support/chaos/api-relay.ts';
import { ChaosCluster } from '../support/chaos/chaos-cluster.ts';
import { extent, inFull } from '../support/chaos/extent.ts';
import { type Address, FaultRelay, urlOf } from '../support/chaos/fault-relay.ts';
import { Report } from '../support/chaos/report.ts';

const SEED = 5;
const CUT_MS = 2_000;
/** A third of what the traffic needs. */
const SLOW = { kind: 'slow', bytesPerSecond: 1_000_000 } as const;
const SLOW_MS = extent(4_000, 2_000);
const LATE = { kind: 'late', share: 0.05, minMs: 1_000, maxMs: 3_000 } as const;
const LATE_MS = extent(6_000, 4_000);
/** All of 127.0.0.0/8 is this machine: workers say that they are here, and listen at 127.0.0.1. */
const ELSEWHERE = '127.0.0.2';
/** Else tests would do as the suite around them. */
const IN_TURN = { concurrency: 1 };

// No gap is promised here, so the two clusters may disturb each other.
describe('a network that fails', { timeout: 180_000, concurrency: true }, () => {
  const report = new Report();
  after(() => report.print());

  describe('between the agent and its workers', IN_TURN, () => {
    const relay = new FaultRelay(SEED);
    let chaos: ChaosCluster;
    before(async () => {
      chaos = await ChaosCluster.open({
        cluster: { workers: 2 },
        between: async (cluster, scope) => {
          scope.use(relay);
          const api = scope.use(await ApiRelay.start(cluster.api.url, (link) => relay.addressFor(link)));
          return { api: urlOf(api.address) };
        },
      });
    });
    after(() => chaos.end());

    it('cut, and nobody is told', async () => {
      await chaos.keeps('agent–worker cut without RST', report, async (traffic) => {
        await traffic.through(() => cut(relay));
        return 1;
      });
    });

    inFull(() => {
      it('slower than what is to be carried', async () => {
        await chaos.keeps('agent–worker slow', report, async (traffic) => {
          await traffic.through(async () => {
            relay.become(SLOW);
            await sleep(SLOW_MS);
            relay.heal();
          });
          return 0;
        });
      });
    });

    inFull(() => {
      it('with 5 % of the segments late by seconds', async () => {
        await chaos.keeps('agent–worker 5 % late by 1–3 s', report, async (traffic) => {
          await traffic.through(async () => {
            relay.become(LATE);
            await sleep(LATE_MS);
            relay.heal();
          });
          return 0;
        });
      });
    });
  });

  inFull(() => {
    describe('between gateways or local proxies and the workers', IN_TURN, () => {
      const relay = new FaultRelay(SEED);
      let chaos: ChaosCluster;
      before(async () => {
        const elsewhere = ['--advertise-host', ELSEWHERE];
        for (const flag of ['--admin-listen', '--proxy-listen']) elsewhere.push(flag, `${ELSEWHERE}:0`);
        chaos = await ChaosCluster.open({
          cluster: { workers: 2, overrides: { worker: { flags: elsewhere } } },
          between: async (cluster, scope) => {
            scope.use(relay);
            for (const worker of cluster.workers) {
              const port = Number(new URL(worker.address('link')).port);
              await relay.listen({ host: '127.0.0.1', port }, { host: ELSEWHERE, port });
            }
            // The agent's own way is a good one.
            const direct = ({ port }: Address): Address => ({ host: '127.0.0.1', port });
            const api = scope.use(await ApiRelay.start(cluster.api.url, direct));
            return { api: urlOf(api.address) };
          },
        });
      });
      after(() => chaos.end());

      it('cut, and nobody is told', async () => {
        await chaos.keeps('edge–worker cut without RST', report, async (traffic) => {
          await traffic.through(() => cut(relay));
          return 1;
        });
      });
    });
  });
});

async function cut(relay: FaultRelay): Promise<void> {
  relay.cut();
  await sleep(CUT_MS);
  relay.heal();
}
