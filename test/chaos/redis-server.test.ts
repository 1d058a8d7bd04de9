import { after, before, describe, it } from 'node:test';
import { sleep } from '@culvert/base';
import { asking, startRedis, type TestRedis } from '@culvert/registry/testing';
import { extent, inFull } from '../support/chaos/extent.ts';
import { RedisChaos } from '../support/chaos/redis-chaos.ts';

/** Longer than a lease (6 s): afterwards, every worker has to ask whose its sessions are. */
const SILENT_MS = extent(8_000, 7_000);
/** Redis itself says nothing for so long, s. */
const ASLEEP_S = 8;
const KILLS = extent(20, 3);
const KILL_EVERY_MS = 400;
const ROUNDS = extent(3, 1);

const OPTIONS = { args: ['--enable-debug-command', 'yes'], persistent: true };

describe('one Redis that fails', { timeout: 600_000 }, () => {
  let redis: TestRedis;
  let them: RedisChaos;
  const scope = new AsyncDisposableStack();
  before(async () => {
    redis = await startRedis(OPTIONS);
    scope.defer(() => redis.stop());
    them = scope.use(await RedisChaos.open({ url: redis.url }));
  });
  after(() => scope.disposeAsync());

  const times = async (work: () => Promise<void>): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) await work();
  };

  it('FLUSHALL: what is not there yet is unknown, never absent', () =>
    times(() =>
      them.rehearse('FLUSHALL', async () => void (await asking(redis.port, (it) => it.flushall())), { loss: true }),
    ));

  inFull(() => {
    it(`DEBUG SLEEP ${ASLEEP_S}`, () =>
      times(() =>
        them.rehearse(`DEBUG SLEEP ${ASLEEP_S}`, async () => {
          // Its answer comes after the sleep, which is longer than any other command may take.
          await asking(redis.port, (it) => it.call('DEBUG', 'SLEEP', String(ASLEEP_S)), (ASLEEP_S + 5) * 1_000);
        }),
      ));
  });

  it(`CLIENT KILL of all connections, ${KILLS} times in a row`, () =>
    them.rehearse(`CLIENT KILL, ${KILLS} times`, async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await asking(redis.port, async (it) => {
          for (const type of ['normal', 'pubsub']) await it.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
        });
        await sleep(KILL_EVERY_MS);
      }
    }));

  inFull(() => {
    it(`SIGSTOP for ${SILENT_MS / 1_000} s, then SIGCONT`, () =>
      times(() =>
        them.rehearse(`SIGSTOP for ${SILENT_MS / 1_000} s`, async () => {
          redis.freeze();
          await sleep(SILENT_MS);
          redis.thaw();
        }),
      ));
  });

  inFull(() => {
    it('kill -9, then started again with its data', () =>
      times(() => them.rehearse('kill -9, back with its data', () => redis.restart())));
  });

  it('kill -9, then started again empty', () =>
    times(() =>
      them.rehearse(
        'kill -9, back empty',
        async () => {
          const { port } = redis;
          await redis.stop();
          redis = await startRedis({ ...OPTIONS, port });
        },
        { loss: true },
      ),
    ));
});
