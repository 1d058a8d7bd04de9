import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, type Logger, silentLogger } from '@culvert/base';
import { MAX_TENANTS, OTHER_TENANTS, type SliBucket, type SliSpan } from './bucket.ts';
import { addCounts, noCounts, SETUP_BOUNDS_MS, type SliCounts } from './counts.ts';
import { SliRecorder } from './recorder.ts';
import { SliWriter } from './writer.ts';

const MINUTE = 60_000;
/** Noon of a day, ms. */
const NOON = 20_000 * 86_400_000 + 43_200_000;

/** A wall clock and a steady one, which go on together unless one is set. */
class Clocks {
  wallMs = NOON;
  steadyMs = 1_000;
  run: (() => void) | undefined;
  pauseMs = 0;

  now = (): number => this.wallMs;
  monotonic = (): number => this.steadyMs;
  after = (ms: number, run: () => void): (() => void) => {
    this.pauseMs = ms;
    this.run = run;
    return () => {
      this.run = undefined;
    };
  };

  pass(ms: number): void {
    this.wallMs += ms;
    this.steadyMs += ms;
  }
}

/** A store that keeps what was written last, as the registry's does; and adds it up. */
class Store {
  readonly buckets = new Map<string, SliBucket>();
  away = false;
  writes = 0;

  writeSli = async (_writer: unknown, buckets: readonly SliBucket[]): Promise<void> => {
    this.writes += 1;
    if (this.away) throw new CulvertError('registry_unavailable');
    for (const one of buckets) this.buckets.set(`${one.span} ${one.startMs} ${one.source} ${one.tenant}`, one);
  };

  sum(span: SliSpan, tenant = 'acme'): SliCounts {
    const some = [...this.buckets.values()].filter((one) => one.span === span && one.tenant === tenant);
    return some.reduce((sum, { counts }) => addCounts(sum, counts), noCounts());
  }

  starts(span: SliSpan): number[] {
    return [...this.buckets.values()].filter((one) => one.span === span).map(({ startMs }) => startMs);
  }
}

class World {
  readonly clocks = new Clocks();
  readonly store = new Store();
  readonly recorder = new SliRecorder(this.clocks);
  readonly warnings: string[] = [];
  readonly acme = this.recorder.of('real', 'acme');
  readonly writer = new SliWriter({
    ...{ recorder: this.recorder, store: this.store, writer: { node: 'g_1', boot: 'b_1' }, clock: this.clocks },
    logger: { ...silentLogger, warn: (_fields, words) => void this.warnings.push(words) } satisfies Logger,
    random: () => 0.5,
  });
}

describe('service-level counts', () => {
  it('come to the minute, the hour and the day in which they were counted', async () => {
    const { acme, clocks, store, writer } = new World();
    acme.opened(40);
    acme.opened(50_000);
    clocks.pass(MINUTE);
    acme.add('lost');
    acme.add('gapMs', 120);
    await writer.flush();
    assert.deepEqual(store.starts('minute'), [NOON, NOON + MINUTE]);
    for (const span of ['minute', 'hour', 'day'] as const) {
      const sum = store.sum(span);
      assert.partialDeepStrictEqual(sum, { opened: 2, lost: 1, gapMs: 120, failed: 0 });
      assert.equal(sum.setup[SETUP_BOUNDS_MS.indexOf(50)], 1);
      assert.equal(sum.setup.at(-1), 1, 'above the last bound');
    }
    assert.equal(store.buckets.size, 4);
  });

  it('are absolute: written again, they say the same', async () => {
    const { acme, store, writer } = new World();
    acme.add('failed');
    await writer.flush();
    acme.add('failed');
    await writer.flush();
    assert.equal(store.sum('minute').failed, 2);
    await writer.flush();
    assert.equal(store.writes, 2, 'nothing new, nothing written');
  });

  it('add the time up for which connections are open, while they are', async () => {
    const { acme, clocks, recorder, store, writer } = new World();
    acme.change('connectionMs', 3);
    clocks.pass(90_000);
    await writer.flush();
    const minutes = [...store.buckets.values()].filter(({ span }) => span === 'minute');
    assert.deepEqual(
      minutes.map(({ counts }) => counts.connectionMs),
      [180_000, 90_000],
    );
    acme.change('connectionMs', -3);
    clocks.pass(90_000);
    await writer.flush();
    assert.equal(store.sum('hour').connectionMs, 270_000);
    assert.equal(store.sum('minute').connectionMs, 270_000);
    recorder.of('real', 'other').change('connectionMs', 1);
    clocks.pass(1);
    assert.equal(recorder.total('real').connectionMs, 270_001, 'since the start, of all tenants');
    assert.deepEqual(recorder.total('synthetic'), noCounts());
  });

  it('do not lose what a wall clock that is set takes away, nor count what it adds', async () => {
    const { acme, clocks, store, writer } = new World();
    acme.change('servedMs', 1);
    clocks.pass(10_000);
    await writer.flush();
    clocks.wallMs -= 3_600_000;
    clocks.pass(10_000);
    acme.add('opened');
    await writer.flush();
    assert.equal(store.sum('day').servedMs, 20_000);
    assert.deepEqual(store.starts('hour'), [NOON], 'no bucket begins anew');
    clocks.wallMs += 3 * 3_600_000;
    clocks.pass(10_000);
    await writer.flush();
    assert.equal(store.sum('day').servedMs, 30_000);
    assert.equal(store.sum('minute').servedMs, 30_000);
  });

  it('of a process that slept are counted to the end', async () => {
    const { acme, clocks, store, writer } = new World();
    acme.change('connectionMs', 1);
    clocks.pass(26 * 3_600_000);
    await writer.flush();
    assert.equal(store.sum('day').connectionMs, 26 * 3_600_000);
  });

  it('are kept while the store is away, and for three hours minute by minute', async () => {
    const { acme, clocks, store, writer, warnings } = new World();
    store.away = true;
    for (let minute = 0; minute < 300; minute += 1) {
      acme.add('opened');
      if (minute % 60 === 0) assert.equal(await writer.flush(), false);
      clocks.pass(MINUTE);
    }
    assert.equal(warnings.length, 1, 'told once');
    store.away = false;
    assert.equal(await writer.flush(), true);
    assert.equal(store.sum('hour').opened, 300);
    assert.equal(store.sum('day').opened, 300);
    assert.equal(store.sum('minute').opened, 180);
  });

  it('that change while they are written are written again', async () => {
    const { acme, store, writer } = new World();
    acme.add('opened');
    const write = store.writeSli;
    store.writeSli = async (who, buckets) => {
      acme.add('opened');
      store.writeSli = write;
      await write(who, buckets);
    };
    await writer.flush();
    await writer.flush();
    assert.equal(store.sum('minute').opened, 2);
  });

  it('of more tenants than are counted apart are counted together', async () => {
    const { acme, recorder, store, writer } = new World();
    acme.add('opened');
    for (let i = 0; i < 1_000; i += 1) recorder.of('real', `t${i}`).add('opened');
    recorder.of('synthetic', 't5').add('opened');
    await writer.flush();
    const tenants = new Set([...store.buckets.values()].map(({ tenant }) => tenant));
    assert.equal(tenants.size, MAX_TENANTS + 1);
    assert.equal(store.sum('minute', OTHER_TENANTS).opened, 1_000 - (MAX_TENANTS - 1)); // acme is one of them
    assert.equal(store.sum('minute', 't5').opened, 2);
  });

  it('are written again and again, and once more at the end', async () => {
    const { acme, clocks, store, writer } = new World();
    writer.start();
    assert.equal(clocks.pauseMs, 5_000);
    acme.add('opened');
    const { run } = clocks;
    clocks.run = undefined;
    run?.();
    await new Promise(setImmediate);
    assert.equal(store.sum('minute').opened, 1);
    assert.ok(clocks.run, 'the next time is set');
    acme.add('opened');
    await writer.close();
    assert.equal(store.sum('minute').opened, 2);
    assert.equal(clocks.run, undefined);
  });
});
