import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Redis } from 'ioredis';
import { createKeys } from '../keys.ts';
import { Registry } from '../registry.ts';
import { startRedis, type TestRedis } from '../testing/index.ts';
import { parseSamples } from './samples.ts';
import { type Sample, type SampledValues, SERIES_WINDOWS } from './series.ts';

const keys = createKeys().series;
const { stepMs: STEP, slots: SLOTS } = SERIES_WINDOWS['1h'];
const COARSE = SERIES_WINDOWS['24h'].stepMs;

const values = (sessions: number, more: Partial<SampledValues> = {}): SampledValues => ({
  ...{ sessions, busy: 1, connections: 2, bytesInPerSecond: 3.4, bytesOutPerSecond: null },
  ...more,
});
const sample = (sessions: number, nodes: Record<string, SampledValues> = {}): Sample => ({
  cluster: values(sessions),
  nodes: new Map(Object.entries(nodes)),
});

describe('series of the cluster', () => {
  let redis: TestRedis;
  let admin: Redis;
  /** Those of two APIs. */
  let one: Registry;
  let other: Registry;

  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    [one, other] = [1, 2].map(() => Registry.connect({ url: redis.url, logger: silentLogger })) as [Registry, Registry];
    await Promise.all([one, other].map((registry) => registry.waitUntilAvailable(AbortSignal.timeout(5_000))));
  });
  beforeEach(() => admin.flushall());
  after(async () => {
    admin.disconnect();
    await Promise.all([one.close(), other.close()]);
    await redis.stop();
  });

  const nowMs = async (): Promise<number> => Number((await admin.time())[0]) * 1_000;

  /** Runs `work` until both ends of it are in one step: what it shows is of that step. Returns its number. */
  async function withinOneStep(work: () => Promise<void>): Promise<number> {
    for (;;) {
      await admin.flushall();
      const began = Math.floor((await nowMs()) / STEP);
      await work();
      if (Math.floor((await nowMs()) / STEP) === began) return began;
    }
  }

  it('the first to sample a step wins, and all who read see the same', async () => {
    const outcomes: boolean[][] = [];
    const step = await withinOneStep(async () => {
      outcomes.push([await one.series.write(sample(7)), await other.series.write(sample(8, { w1: values(8) }))]);
    });
    assert.deepEqual(outcomes.at(-1), [true, false]);
    const read = await one.series.read('1h');
    assert.deepEqual(read, await other.series.read('1h'));
    assert.equal(read.at.length, SLOTS);
    assert.deepEqual([read.at.at(-1), read.stepMs], [step * STEP, STEP]);
    const last = Object.entries(read.values).map(([name, column]) => [name, column.length, column.at(-1)]);
    assert.deepEqual(last, [
      ['sessions', SLOTS, 7],
      ['busy', SLOTS, 1],
      ['connections', SLOTS, 2],
      ['bytesInPerSecond', SLOTS, 3],
      ['bytesOutPerSecond', SLOTS, null],
    ]);
    assert.ok(
      read.values.sessions.slice(0, -1).every((value) => value === null),
      'nobody looked before',
    );
    assert.equal((await one.series.read('1h', 'w1')).values.sessions.at(-1), null, 'the loser wrote nothing at all');
  });

  it('has the nodes by themselves, and null for one that nobody knows', async () => {
    await one.series.write(sample(9, { w1: values(4), w2: values(5, { busy: null }) }));
    const last = async (node: string) => {
      const { values: columns } = await one.series.read('1h', node);
      return [columns.sessions.at(-1), columns.busy.at(-1)];
    };
    assert.deepEqual(
      [await last('w1'), await last('w2'), await last('w3')],
      [
        [4, 1],
        [5, null],
        [null, null],
      ],
    );
    await assert.rejects(one.series.read('1h', 'w#1'), { code: 'invalid_request' });
  });

  it('a longer step is the mean of its samples; what one of them did not know does not count', async () => {
    // As if the short step were over: the next sample is of another one, within the same 5 minutes.
    const nextStep = () => admin.del(keys.cluster(STEP));
    for (let again = true; again; ) {
      await admin.flushall();
      const began = Math.floor((await nowMs()) / COARSE);
      await one.series.write(sample(10));
      await nextStep();
      await other.series.write({ cluster: values(20, { busy: null, bytesOutPerSecond: 50 }), nodes: new Map() });
      again = Math.floor((await nowMs()) / COARSE) !== began;
    }
    const { values: means, at } = await one.series.read('24h');
    assert.deepEqual([means.sessions.at(-1), means.busy.at(-1), means.bytesOutPerSecond.at(-1)], [15, 1, 50]);
    assert.equal(at.length, 288);
  });

  it('shows gaps where nobody looked, and nothing of steps that are older than the window', async () => {
    const now = Math.floor((await nowMs()) / STEP);
    const slot = (step: number, sessions: number) =>
      admin.hset(keys.cluster(STEP), String(step % SLOTS), `${step} 1 ${sessions} 0 0 0 0 0 0 0 0`);
    await slot(now - 1, 5);
    await slot(now - 3, 6);
    await slot(now - SLOTS - 40, 7);
    const { at, values: columns } = await one.series.read('1h');
    const known = at.flatMap((ms, i) => (columns.sessions[i] === null ? [] : [[ms / STEP, columns.sessions[i]]]));
    assert.deepEqual(known, [
      [now - 3, 6],
      [now - 1, 5],
    ]);
  });

  it('a slot of a time that has not come (the clock went back) is written over', async () => {
    const step = await withinOneStep(async () => {
      const now = Math.floor((await nowMs()) / STEP);
      await admin.hset(keys.cluster(STEP), String(now % SLOTS), `${now + SLOTS} 1 99 0 0 0 0 0 0 0 0`);
      assert.equal(await one.series.write(sample(3)), true);
    });
    const read = await one.series.read('1h');
    assert.equal(read.values.sessions[read.at.indexOf(step * STEP)], 3);
  });

  it('stays small: 200 nodes of a sample, a slot for each step, and nothing of a node that is gone a window later', async () => {
    const nodes = Object.fromEntries(
      Array.from({ length: 250 }, (_, i) => [`w${String(i).padStart(3, '0')}`, values(i)]),
    );
    await one.series.write(sample(1, nodes));
    assert.equal(await admin.dbsize(), 2 + 2 * 200);
    const [first, last] = [await one.series.read('1h', 'w000'), await one.series.read('1h', 'w200')];
    assert.deepEqual([first.values.sessions.at(-1), last.values.sessions.at(-1)], [0, null]);
    for (const [key, windowMs] of [
      [keys.node(STEP, 'w000'), STEP * (SLOTS + 1)],
      [keys.node(COARSE, 'w000'), COARSE * 289],
    ] as const) {
      const leftMs = await admin.pttl(key);
      assert.ok(leftMs > windowMs - 60_000 && leftMs <= windowMs, `${key} ends in ${leftMs} ms`);
    }
    await admin.hset(keys.cluster(STEP), Object.fromEntries(Array.from({ length: SLOTS }, (_, i) => [i, '0 0 0'])));
    await one.series.write(sample(2));
    assert.equal(await admin.hlen(keys.cluster(STEP)), SLOTS);
  });

  it('is away with Redis', async () => {
    await using gone = Registry.connect({ url: 'redis://127.0.0.1:1', logger: silentLogger });
    await assert.rejects(gone.series.read('1h'), { code: 'registry_unavailable' });
    await assert.rejects(gone.series.write(sample(1)), { code: 'registry_unavailable' });
  });
});

describe('a slot of a series', () => {
  it('is a step with counts and sums; anything else is told, not shown', () => {
    assert.deepEqual([...parseSamples(['12 2 9 0 0'], 2)], [[12, [5, null]]]);
    for (const text of ['', '12', '12 1 x 0 0', '12 1 1', '12 1 1 1 1 1 1']) {
      assert.throws(() => parseSamples([text], 2), { code: 'internal' }, text);
    }
  });
});
