import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Agent, type AgentEvent, connectAgent } from '@culvert/agent';
import { sleep } from '@culvert/base';
import type { Session } from '@culvert/contracts';
import type { ManagedProcess } from '@culvert/local';
import { startRedis } from '@culvert/registry/testing';
import { extent, inFull } from '../support/chaos/extent.ts';
import { FaultRelay } from '../support/chaos/fault-relay.ts';
import { RedisChaos } from '../support/chaos/redis-chaos.ts';
import { eventually } from '../support/eventually.ts';

const SEED = 11;
/** Longer than a lease (6 s), shorter than the silence after which a link counts as dead (12 s). */
const FROZEN_MS = extent(10_000, 8_000);
/** Its lease has to end, then it asks others for as long, then its agents go; the rest is for two busy cores. */
const MOVED_MS = 20_000;
const CUT_MS = extent(20_000, 0);
/** The worker that has the session is silent, or unknown to the registry: so long may it be called offline. */
const AWAY_MS = 15_000;
const CLAIMS = extent(20, 4);

describe('leases of workers, with a Redis that is fine', { timeout: 300_000 }, () => {
  const relay = new FaultRelay(SEED);
  let them: RedisChaos;
  /** The worker whose way to Redis is the relay. */
  let behind: ManagedProcess;
  const scope = new AsyncDisposableStack();
  before(async () => {
    const redis = scope.use(await startRedis());
    scope.use(relay);
    const { port } = await relay.listen({ host: '127.0.0.1', port: redis.port });
    them = scope.use(
      await RedisChaos.open({
        url: redis.url,
        cluster: { workers: 2 },
        prepare: async (cluster) => {
          behind = await cluster.addWorker({ env: { CULVERT_REDIS_URL: `redis://127.0.0.1:${port}` } });
        },
      }),
    );
  });
  after(() => scope.disposeAsync());

  /** Sends the session there: every other worker is drained, and takes sessions again. */
  async function bring(worker: ManagedProcess): Promise<void> {
    const others = them.chaos.workers.filter(({ id }) => id !== worker.id);
    await Promise.all(others.map(({ id }) => them.chaos.api.call('POST', `/nodes/${id}/drain`)));
    await eventually(`the session is on ${worker.id}`, async () => (await them.chaos.owner()).node === worker.id);
    await Promise.all(others.map(({ id }) => them.chaos.api.call('POST', `/nodes/${id}/uncordon`)));
    await Promise.all(others.map(({ id }) => them.chaos.nodeState(id, 'ready')));
  }

  /** The boot that was declared dead is not back. */
  async function expectNewBoot(worker: ManagedProcess, old: string): Promise<void> {
    assert.notEqual(await them.bootOf(worker.id), old);
    const { items } = await them.chaos.api.call<{ items: { id: string; boot: string }[] }>('GET', '/nodes');
    assert.ok(!items.some(({ boot }) => boot === old), `boot ${old} came back`);
  }

  it('a worker alone is cut off from Redis: its sessions move make-before-break, and its boot never returns', async () => {
    await bring(behind);
    const old = await them.bootOf(behind.id);
    await them.rehearse(
      'one worker cut off from Redis',
      async () => {
        const cutAt = performance.now();
        relay.cut();
        const next = await eventually(
          'its session is on another worker',
          async () => {
            const { node } = await them.chaos.owner();
            return node !== behind.id && node;
          },
          MOVED_MS,
        );
        assert.ok(them.chaos.workers.some(({ id }) => id === next));
        await sleep(Math.max(0, CUT_MS - (performance.now() - cutAt)));
        relay.heal();
        await them.chaos.nodeState(behind.id, 'ready');
      },
      { offlineMs: AWAY_MS, refusedMs: AWAY_MS, moves: true },
    );
    await expectNewBoot(behind, old);
  });

  inFull(() => {
    it(`SIGSTOP of a worker for ${FROZEN_MS / 1_000} s, beyond its lease: it goes on under another boot`, async () => {
      const { node } = await them.chaos.owner();
      const worker = them.chaos.worker(node);
      const old = await them.bootOf(node);
      await them.rehearse(
        `SIGSTOP of the owner for ${FROZEN_MS / 1_000} s`,
        async () => {
          await worker.kill('SIGSTOP');
          await sleep(FROZEN_MS);
          await worker.kill('SIGCONT');
          await them.chaos.nodeState(node, 'ready');
        },
        { offlineMs: AWAY_MS, refusedMs: AWAY_MS, moves: true, gapP99Ms: FROZEN_MS + 4_000 },
      );
      await expectNewBoot(worker, old);
    });
  });

  it('two agents claim one session at the same time: one serves it, the other is told', async () => {
    for (let round = 0; round < CLAIMS; round += 1) {
      const name = `twin-${round}`;
      const twins = [new Twin(them, name), new Twin(them, name)] as const;
      try {
        const loser = await Promise.race(twins.map(({ agent }, at) => agent.ended.then(() => at)));
        const [winner, other] = loser === 0 ? [twins[1], twins[0]] : [twins[0], twins[1]];
        assert.partialDeepStrictEqual(await other.agent.ended, { outcome: 'session_ended', code: 'superseded' });
        const { sessionId } = await winner.agent.ready;
        await eventually('the other one serves it', () => winner.agent.linked);
        const { epoch, state } = await them.chaos.api.call<Session>('GET', `/sessions/${sessionId}`);
        const [served] = winner.events.filter(({ event }) => event === 'link.up').slice(-1);
        assert.partialDeepStrictEqual({ state, ...served }, { state: 'idle', epoch });
        assert.ok(!winner.events.some(({ event }) => event === 'closed'));
      } finally {
        await Promise.all(twins.map(({ agent }) => agent.close({ deadlineMs: 0 })));
      }
    }
    await them.expectTrue();
  });
});

class Twin {
  readonly events: AgentEvent[] = [];
  readonly agent: Agent;

  constructor({ chaos, key }: RedisChaos, name: string) {
    this.agent = connectAgent({ api: chaos.api.url, key, name, onEvent: (event) => this.events.push(event) });
  }
}
