import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createKeys } from '../keys.ts';
import { Registry } from '../registry.ts';
import { commandOf, commitOf, deploymentOf } from '../testing/deployments.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import type { DeployLease, Deployments, StoredCommand, StoredDeployment } from './types.ts';

const { deploy } = createKeys();
const WORKERS = ['one#b1', 'two#b1', 'three#b1'] as const;

/** What one deploy worker believes; it may be late in everything. */
interface Belief {
  lease?: DeployLease;
  record?: StoredDeployment;
  commands: readonly StoredCommand[];
}

const worker = fc.constantFrom(...WORKERS);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('lease' as const), worker }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('observe' as const, 'commit' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('let go' as const), worker }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('lapse' as const, 'command' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), worker }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('several deploy workers at one deployment, each of them late at times', () => {
  let redis: TestRedis;
  let admin: Redis;
  let registry: Registry;
  let store: Deployments;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    registry = Registry.connect({ url: redis.url, logger: silentLogger });
    store = registry.deployments;
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  });
  after(async () => {
    await registry.close();
    admin.disconnect();
    await redis.stop();
  });

  it('one of them moves it on at a time, under rising fences, and takes each command in once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await admin.flushall();
        const run = new Run();
        await store.create(run.truth, { queue: false });
        for (const one of steps) await run.apply(one);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  class Run {
    readonly #beliefs = new Map<string, Belief>(WORKERS.map((name) => [name, { commands: [] }]));
    /** The last record that was committed. */
    truth = deploymentOf();
    /** The lease in force, by what was answered. */
    #held: DeployLease | undefined;
    #highest = 0;
    #waiting: string[] = [];

    async apply(one: Step): Promise<void> {
      switch (one.kind) {
        case 'lease':
          return this.#lease(one.worker);
        case 'observe':
          return this.#observe(this.#of(one.worker));
        case 'commit':
          return this.#commit(this.#of(one.worker));
        case 'let go':
          return this.#letGo(this.#of(one.worker));
        case 'lapse':
          await admin.hset(deploy.lease, 'untilMs', '0');
          this.#held = undefined;
          return;
        case 'command': {
          const command = commandOf('pause');
          assert.equal(await store.command(this.truth.id, command), 'ok');
          this.#waiting.push(command.id);
          return;
        }
        case 'lose':
          return this.#lose(this.#of(one.worker));
      }
    }

    async #lease(name: string): Promise<void> {
      const lease = await store.lease(name, 60_000);
      assert.equal(lease === undefined, this.#held !== undefined && this.#held.holder !== name);
      if (!lease) return;
      if (this.#held) assert.equal(lease.fence, this.#held.fence);
      else assert.ok(lease.fence > this.#highest, `${lease.fence} is not above ${this.#highest}`);
      this.#highest = lease.fence;
      this.#held = lease;
      this.#of(name).lease = lease;
    }

    async #observe(belief: Belief): Promise<void> {
      const record = await store.get(this.truth.id);
      assert.deepEqual(record, this.truth);
      belief.record = this.truth;
      belief.commands = await store.commands(this.truth.id);
      assert.deepEqual(
        belief.commands.map(({ id }) => id),
        this.#waiting,
      );
    }

    async #commit({ lease, record, commands }: Belief): Promise<void> {
      if (!lease || !record) return;
      const ids = commands.map(({ id }) => id);
      const commit = { ...commitOf(record, lease, { core: { by: lease.holder } }), commands: ids };
      const outcome = await store.commit(commit);
      const isLate = lease.fence !== this.#held?.fence;
      assert.equal(outcome, isLate ? 'fenced' : record.revision === this.truth.revision ? 'ok' : 'conflict');
      if (outcome !== 'ok') return;
      this.truth = commit.record;
      this.#waiting = this.#waiting.filter((id) => !ids.includes(id));
    }

    async #letGo({ lease }: Belief): Promise<void> {
      if (!lease) return;
      await store.letGo(lease);
      if (lease.fence === this.#held?.fence) this.#held = undefined;
    }

    /** One puts back what it knows, which may be old: from there on that is the truth. */
    async #lose({ record }: Belief): Promise<void> {
      if (!record) return;
      await admin.flushall();
      assert.equal(await store.restore(record), true);
      this.truth = record;
      this.#held = undefined;
      this.#waiting = [];
    }

    #of(name: string): Belief {
      return this.#beliefs.get(name) ?? assert.fail(name);
    }
  }
});
