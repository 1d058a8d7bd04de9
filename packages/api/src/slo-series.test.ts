import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SloSeries } from '@culvert/contracts';
import { DEFAULT_OBJECTIVES } from '@culvert/service';
import { noCounts, SLI_SPANS, type SliCounts, type SliSource } from '@culvert/telemetry';
import { SloSeriesReader } from './slo/slo-series-reader.ts';
import { TestApi } from './testing/start-api.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A while after a bound of six hours, so that what was counted before it stands in a step of its own. */
const NOW = Math.floor(Date.now() / (6 * HOUR)) * 6 * HOUR + 130_000;

describe('the curves of availability and reliability', () => {
  let api: TestApi;
  let acme: string;
  /** What one node, whose boots are told apart by the time, counted `agoMs` ago. */
  const count = (tenant: string, agoMs: number, some: Partial<SliCounts>, source: SliSource = 'real') => {
    const at = NOW - agoMs;
    const buckets = (['minute', 'hour'] as const).map((span) => {
      const { ms } = SLI_SPANS[span];
      return { span, startMs: at - (at % ms), source, tenant, counts: { ...noCounts(), ...some } };
    });
    return api.registry.sli.writeSli({ node: 'g1', boot: `b${agoMs}` }, buckets);
  };
  before(async () => {
    api = await TestApi.start({ now: () => NOW });
    acme = await api.tenant('acme');
    await api.tenant('umbrella');
    const setup = noCounts().setup.map((_, i) => (i === 4 ? 8 : i === 11 ? 1 : 0));
    await count('acme', 3 * MINUTE, { opened: 9, failed: 1, lost: 3, setup, servedMs: 30, unservedMs: 10 });
    await count('umbrella', 3 * MINUTE, { opened: 10, failed: 9 });
    await count('umbrella', 0, { opened: 5 });
    await count('umbrella', 5 * HOUR, { opened: 1, failed: 3 });
    await count('umbrella', 5 * HOUR + 10 * MINUTE, { opened: 2 });
    await count('culvert-canary', MINUTE, { opened: 4 }, 'synthetic');
  });
  after(() => api[Symbol.asyncDispose]());
  const ask = (query = '', key?: string) =>
    api.ask<SloSeries>('GET', `/v1/slo/series${query}`, key === undefined ? {} : { key });
  /** The value of a step that began at most this long ago, or just before. */
  const at = (body: SloSeries, agoMs: number): number => body.at.findLastIndex((start) => start <= NOW - agoMs);

  it('are of whole minutes in the last hour, the last of them under way', async () => {
    const { body, status } = await ask();
    assert.equal(status, 200);
    assert.deepEqual([body.window, body.tenant, body.stepMs, body.at.length], ['1h', null, MINUTE, 60]);
    assert.equal(body.at.at(-1), NOW - (NOW % MINUTE));
    assert.deepEqual(body.targets, {
      ...{ connection_success: 0.999, session_availability: 0.999, setup: 0.99, lost_connections: 0.9999 },
    });
    const { real, synthetic } = body;
    const then = at(body, 3 * MINUTE);
    assert.deepEqual([real.opened[then], real.failed[then], real.lost[then]], [19, 10, 3]);
    assert.equal(real.attainment.connection_success[then], 19 / 29);
    assert.equal(real.attainment.session_availability[then], 0.75);
    assert.equal(real.attainment.setup[then], 8 / 9);
    assert.equal(real.attainment.lost_connections[then], 16 / 19);
    assert.deepEqual([real.opened.at(-1), synthetic.opened.at(-2), synthetic.opened.at(-1)], [5, 4, 0]);
    assert.equal(synthetic.attainment.connection_success.at(-2), 1);
  });

  it('have a gap where nothing happened, which is neither good nor bad', async () => {
    const { real, synthetic, ...body } = (await ask()).body;
    const quiet = at({ ...body, real, synthetic }, 10 * MINUTE);
    for (const { attainment, opened, failed, lost } of [real, synthetic]) {
      for (const column of [...Object.values(attainment), opened, failed, lost]) assert.equal(column.length, 60);
      assert.deepEqual(
        Object.values(attainment).map((column) => column[quiet]),
        [null, null, null, null],
      );
      assert.deepEqual([opened[quiet], failed[quiet], lost[quiet]], [0, 0, 0]);
    }
    assert.equal(synthetic.attainment.session_availability.at(-2), null);
  });

  it('add up minutes to quarters of an hour over a day, and hours to six over 30 days', async () => {
    const day = (await ask('?window=24h')).body;
    assert.deepEqual([day.stepMs, day.at.length], [15 * MINUTE, 96]);
    const then = at(day, 5 * HOUR);
    assert.deepEqual([day.real.opened[then], day.real.opened[then - 1], day.real.failed[then]], [1, 2, 3]);
    assert.equal(day.real.attainment.connection_success[then], 0.25);
    assert.deepEqual([day.real.opened.at(-1), day.real.opened.at(-2)], [5, 19]);
    const month = (await ask('?window=30d')).body;
    assert.deepEqual([month.stepMs, month.at.length], [6 * HOUR, 120]);
    assert.ok(month.at.every((start) => start % (6 * HOUR) === 0));
    assert.deepEqual([month.real.opened.at(-1), month.real.opened.at(-2)], [5, 22]);
    assert.equal(month.real.attainment.connection_success.at(-2), 22 / 35);
    assert.equal((await ask('?window=2h')).status, 400);
  });

  it('show a tenant its own and nothing else', async () => {
    const own = await ask('', acme);
    assert.equal(own.body.tenant, 'acme');
    assert.deepEqual(
      own.body.real.opened.filter((value) => value > 0),
      [9],
    );
    assert.ok(own.body.synthetic.opened.every((value) => value === 0));
    assert.deepEqual(
      (await ask('?tenant=umbrella')).body.real.opened.filter((value) => value > 0),
      [10, 5],
    );
    assert.equal((await ask('?tenant=umbrella', acme)).status, 403);
    assert.equal((await ask('?tenant=nobody')).status, 404);
    assert.equal((await ask('?tenant=~other')).status, 200);
    assert.equal((await ask('', '')).status, 401);
  });

  it('are read once for all who ask within some seconds', async () => {
    let now = NOW;
    let reads = 0;
    const { sli } = api.registry;
    const series: typeof sli.series = (asked) => {
      reads += 1;
      return sli.series(asked);
    };
    const registry = { sli: { series } };
    const reader = new SloSeriesReader({ registry, objectives: DEFAULT_OBJECTIVES, now: () => now });
    await Promise.all([reader.series('1h'), reader.series('1h'), reader.series('1h', 'acme')]);
    assert.equal(reads, 2);
    now += 60_000;
    assert.equal((await reader.series('1h')).at.at(-1), NOW - (NOW % MINUTE) + MINUTE);
    assert.equal(reads, 3);
  });
});
