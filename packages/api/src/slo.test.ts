import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import type { FailureRehearsal, SloReport } from '@culvert/contracts';
import { DEFAULT_OBJECTIVES, readOptions, roleOptions } from '@culvert/service';
import { noCounts, type SliCounts } from '@culvert/telemetry';
import { createMetrics } from '@culvert/telemetry/testing';
import { apiRole } from './role.ts';
import { observeSlo } from './slo/slo-metrics.ts';
import { SloReader } from './slo/slo-reader.ts';
import { TestApi } from './testing/start-api.ts';

const MINUTE = 60_000;
const NOW = Date.now();

async function count(api: TestApi, tenant: string, some: Partial<SliCounts>, source: 'real' | 'synthetic' = 'real') {
  const counts = { ...noCounts(), ...some };
  const buckets = (['minute', 'hour', 'day'] as const).map((span, i) => {
    const ms = [MINUTE, 60 * MINUTE, 1_440 * MINUTE][i] ?? 0;
    return { span, startMs: NOW - (NOW % ms), source, tenant, counts };
  });
  await api.registry.sli.writeSli({ node: 'g1', boot: 'b1' }, buckets);
}

describe('the availability report', () => {
  let api: TestApi;
  let acme: string;
  before(async () => {
    api = await TestApi.start();
    acme = await api.tenant('acme');
    await api.tenant('umbrella');
    const setup = noCounts().setup.map((_, i) => (i === 4 ? 990 : i === 11 ? 9 : 0));
    await count(api, 'acme', { opened: 999, failed: 1, excused: 7, setup, servedMs: 9_000, unservedMs: 1_000 });
    await count(api, 'umbrella', { opened: 100, closed: 50, lost: 3, resumed: 4, gapMs: 800, connectionMs: 7_200_000 });
    await count(api, 'culvert-canary', { opened: 50 }, 'synthetic');
    await count(api, 'culvert-canary', { opened: 2 });
  });
  after(() => api[Symbol.asyncDispose]());
  const report = (query = '', key?: string) =>
    api.ask<SloReport>('GET', `/v1/slo${query}`, key === undefined ? {} : { key });

  it('keeps availability and reliability, real and synthetic traffic apart', async () => {
    const { body, status } = await report();
    assert.equal(status, 200);
    assert.equal(body.window, '30d');
    const { availability, reliability } = body.real;
    assert.deepEqual([availability.opened, availability.failed, availability.excused], [1_101, 1, 7]);
    assert.equal(availability.sessionAvailability, 0.9);
    assert.deepEqual(availability.setupP99, { ms: 20, fromMs: 10, toMs: 20 });
    assert.deepEqual([reliability.lost, reliability.resumed, reliability.meanGapMs], [3, 4, 200]);
    assert.ok(Math.abs((reliability.hoursBetweenLosses ?? 0) - 2 / 3) < 1e-9);
    assert.equal(body.synthetic.availability.connectionSuccess, 1);
    assert.equal(body.synthetic.availability.sessionAvailability, null);
    assert.deepEqual(
      body.objectives.map(({ name, about, real, synthetic }) => [name, about, real.met, synthetic.met]),
      [
        ['connection_success', 'availability', true, true],
        ['session_availability', 'availability', false, null],
        ['setup', 'availability', true, null],
        ['lost_connections', 'reliability', false, true],
      ],
    );
  });

  it('tells tenants, the worst first, without the canary', async () => {
    const { body } = await report('?window=1h');
    assert.deepEqual(
      body.tenants.map(({ tenant, figures }) => [tenant, figures.reliability.lost + figures.availability.failed]),
      [
        ['umbrella', 3],
        ['acme', 1],
      ],
    );
  });

  it('shows a tenant its own and nothing else', async () => {
    const own = await report('', acme);
    assert.equal(own.body.tenant, 'acme');
    assert.equal(own.body.real.availability.opened, 999);
    assert.equal(own.body.real.reliability.lost, 0);
    assert.deepEqual([own.body.tenants, own.body.recovery], [[], []]);
    assert.equal((await report('?tenant=umbrella', acme)).status, 403);
    assert.equal((await report('?tenant=umbrella')).body.real.reliability.lost, 3);
    assert.equal((await report('?tenant=nobody')).status, 404);
    assert.equal((await report('', '')).status, 401);
  });

  it('takes any time, and refuses one that is none', async () => {
    const from = new Date(NOW - 10 * MINUTE).toISOString();
    const { body } = await report(`?from=${from}`);
    assert.equal(body.window, null);
    assert.equal(body.from, from);
    assert.equal(body.real.availability.opened, 1_101);
    const before = new Date(NOW - 5 * MINUTE).toISOString();
    assert.equal((await report(`?from=${from}&to=${before}`)).body.real.availability.opened, 0);
    for (const query of [`?to=${from}`, `?window=1h&from=${from}`, `?from=${before}&to=${from}`, '?window=2h']) {
      assert.equal((await report(query)).status, 400, query);
    }
  });

  it('sums up rehearsals of failures; what it cannot read is left out', async () => {
    const one: FailureRehearsal = {
      ...{ id: 'r1', at: new Date(NOW).toISOString(), failure: 'worker_killed', target: 'w1', forMs: null, rtoMs: 900 },
      ...{ rpo: { lostConnections: 0, lostSessions: 0 }, resumed: 12, failed: 0, gapP99Ms: 700 },
    };
    await api.registry.sli.addRehearsal(one);
    await api.registry.sli.addRehearsal({
      ...one,
      id: 'r2',
      rtoMs: 1_500,
      rpo: { lostConnections: 2, lostSessions: 0 },
    });
    await api.registry.sli.addRehearsal({ of: 'another release' });
    const { body } = await report('?window=6h');
    assert.deepEqual(
      body.recovery.map(({ failure, rehearsals, worstRtoMs, lostConnections }) => [
        failure,
        rehearsals,
        worstRtoMs,
        lostConnections,
      ]),
      [['worker_killed', 2, 1_500, 2]],
    );
  });

  it('gives its rules to operators', async () => {
    const { text, headers, status } = await api.ask('GET', '/v1/slo/rules');
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/yaml/);
    assert.match(text, /alert: "CulvertConnectionSuccessBurn"/);
    assert.equal((await api.ask('GET', '/v1/slo/rules', { key: acme })).status, 403);
  });

  it('tells budgets as metrics', async () => {
    const metrics = createMetrics({ role: 'api', version: '1', node_id: 'a1' });
    const { registry } = api;
    const reader = new SloReader({ registry, objectives: DEFAULT_OBJECTIVES, now: Date.now });
    const stop = observeSlo(metrics, reader, silentLogger);
    const text = await metrics.text();
    assert.match(text, /culvert_slo_objective_ratio\{slo="setup"\} 0\.99/);
    assert.match(text, /culvert_slo_burn_rate_ratio\{slo="session_availability",source="real",window="5m"\} (99|100)/);
    assert.doesNotMatch(text, /slo_attainment_ratio\{slo="setup",source="synthetic"/);
    stop();
    await metrics.close();
  });
});

describe('the objectives of an API', () => {
  const environment = { CULVERT_SECRET: 'x'.repeat(32), CULVERT_REDIS_URL: 'redis://127.0.0.1:1' };
  const read = (file: string) => readOptions(roleOptions(apiRole), { slo: file }, environment).slo;

  it('are read from a file, and what is wrong is named by its path', () => {
    const directory = mkdtempSync(join(tmpdir(), 'culvert-slo-'));
    const file = join(directory, 'slo.json');
    try {
      writeFileSync(file, '{"window":"7d","setup":{"withinMs":200}}');
      assert.deepEqual(read(file), { ...DEFAULT_OBJECTIVES, window: '7d', setup: { target: 0.99, withinMs: 200 } });
      const wrong: [string, RegExp][] = [
        ['{"setup":{"withinMs":123}}', /slo\.json: .*\/setup\/withinMs: must be one of 1, 2, 5/],
        ['{"connection_success":{"target":99.9}}', /\/connection_success\/target: /],
        ['{"availability":{"target":0.9}}', /additional properties .*\(availability\)/],
        ['{"window":"1d"}', /\/window: /],
        ['[]', /\/: must be object/],
        ['{', /no JSON/],
      ];
      for (const [text, message] of wrong) {
        writeFileSync(file, text);
        assert.throws(() => read(file), { code: 'config_invalid', message });
      }
      assert.throws(() => read(join(directory, 'none.json')), { code: 'config_invalid', message: /ENOENT/ });
    } finally {
      rmSync(directory, { recursive: true });
    }
    assert.deepEqual(readOptions(roleOptions(apiRole), {}, environment).slo, DEFAULT_OBJECTIVES);
  });
});
