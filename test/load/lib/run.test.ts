import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter, EXIT, type LoadScript, type LoadSite, Rate, runOn, Trend, type Vu } from './index.ts';
import type { AgentCounts } from './ledger.ts';
import { UNSCALED } from './options.ts';
import { checkScript } from './run-settings.ts';
import { resolveScenarios } from './scenarios.ts';

const NOBODY: AgentCounts = {
  sessions: 0,
  reconnects: 0,
  resumed: 0,
  gaps: { count: 0, p50: 0, p99: 0, max: 0 },
  accepted: 0,
};

/** A site without a cluster, for scripts that talk to nobody. */
function emptySite(ended: readonly string[] = []): LoadSite {
  return { sessions: [], proxies: [], api: undefined, ended, counts: async () => NOBODY, close: async () => undefined };
}

const once = (
  script: Partial<Pick<LoadScript, 'default' | 'setup' | 'teardown'>>,
  options: LoadScript['options'] = {},
): LoadScript => ({
  options: { iterations: 1, ...options },
  ...script,
});

describe('a run', () => {
  it('whose thresholds hold exits 0, and one of whose do not exits 99', async () => {
    const check = (vu: Vu): boolean =>
      vu.check(2, { 'is two': (value) => value === 2, 'is three': (value) => value === 3 });
    const script = (limit: string) => once({ default: check }, { iterations: 3, thresholds: { checks: [limit] } });
    const good = await runOn(script('rate==0.5'), emptySite());
    const bad = await runOn(script('rate>0.5'), emptySite());
    assert.deepEqual([good.exitCode, bad.exitCode], [EXIT.ok, EXIT.thresholds]);
    assert.equal(EXIT.thresholds, 99);
    assert.deepEqual(good.checks, [
      { name: 'is two', group: '', passes: 3, fails: 0 },
      { name: 'is three', group: '', passes: 0, fails: 3 },
    ]);
    assert.deepEqual(bad.thresholds, [
      { metric: 'checks', expression: 'rate>0.5', aggregation: 'rate', value: 0.5, ok: false },
    ]);
  });

  it('gives what setup returned to every iteration and to teardown', async () => {
    const seen: unknown[] = [];
    const script = once({
      setup: () => ({ token: 7 }),
      default: (_vu, data) => void seen.push(data),
      teardown: (_vu, data) => void seen.push(data),
    });
    assert.equal((await runOn(script, emptySite())).exitCode, EXIT.ok);
    assert.deepEqual(seen, [{ token: 7 }, { token: 7 }]);
  });

  it('whose setup throws runs nothing and exits 107', async () => {
    let ran = 0;
    const script = once({
      setup: () => {
        throw new Error('no way');
      },
      default: () => {
        ran += 1;
      },
    });
    const { exitCode, errors } = await runOn(script, emptySite());
    assert.deepEqual([exitCode, ran, errors], [EXIT.threw, 0, ['setup: no way (Error)']]);
  });

  it('goes on when an iteration throws, and counts it', async () => {
    const script = once(
      {
        default: (vu) => {
          if (vu.iteration === 0) throw new Error('once');
        },
      },
      { iterations: 3, thresholds: { iterations_failed: ['count==1'], iterations: ['count==3'] } },
    );
    const { exitCode, errors } = await runOn(script, emptySite());
    assert.deepEqual([exitCode, errors], [EXIT.ok, ['iteration of default: once (Error)']]);
  });

  it('ends at the first threshold that is to end it, and says at what load', async () => {
    const script = once(
      { default: (vu) => vu.check(0, { never: false }) || vu.sleep(60) },
      {
        scenarios: { all: { executor: 'constant-vus', vus: 4, duration: '1m' } },
        thresholds: { checks: [{ threshold: 'rate>0', abortOnFail: true }] },
      },
    );
    const { exitCode, aborted, durationMs, counts } = await runOn(script, emptySite());
    assert.equal(exitCode, EXIT.thresholds);
    assert.ok(aborted?.why === 'threshold' && aborted.vus === 4 && aborted.threshold.metric === 'checks');
    assert.ok(durationMs < 10_000, `${durationMs} ms`);
    assert.equal(counts.agents.sessions, 0);
  });

  it('that is ended by a signal exits 105, with what there was', async () => {
    const stop = new AbortController();
    const script = once({
      default: async (vu) => {
        vu.check(1, { one: true });
        stop.abort();
        await vu.sleep(60);
      },
    });
    const { exitCode, checks, metrics } = await runOn(script, emptySite(), { signal: stop.signal });
    assert.equal(exitCode, EXIT.interrupted);
    assert.equal(checks[0]?.passes, 1);
    assert.equal(
      metrics.find(({ name }) => name === 'iterations'),
      undefined,
      'an interrupted iteration is none',
    );
  });

  it('knows the metrics that a script makes, groups and tags', async () => {
    const visits = new Counter('visits');
    const waits = new Trend('waits', true);
    const good = new Rate('good');
    const script = once(
      {
        default: (vu) =>
          vu.group('outer', async () => {
            visits.add(2, { page: 'a' });
            waits.add(12.5);
            await vu.group('inner', () => good.add(true));
          }),
      },
      {
        iterations: 2,
        thresholds: {
          visits: ['count==4'],
          'visits{page:a}': ['count==4'],
          'visits{page:b}': ['count==0'],
          waits: ['max==12.5'],
          'good{group:::outer::inner,scenario:default}': ['rate==1'],
          group_duration: ['max<10000'],
        },
      },
    );
    const { exitCode, thresholds } = await runOn(script, emptySite());
    assert.deepEqual(
      thresholds.filter(({ ok }) => !ok),
      [],
    );
    assert.equal(exitCode, EXIT.ok);
    assert.throws(() => visits.add(1), { code: 'invalid_request' });
  });

  it('tells of agents that were ended', async () => {
    const { errors } = await runOn(once({ default: () => undefined }), emptySite(['key revoked']));
    assert.deepEqual(errors, ['an agent was ended: key revoked (Error)']);
  });
});

describe('a script', () => {
  it('that is wrong is refused before anything is started', () => {
    const wrong: LoadScript[] = [
      { options: { scenarios: {} } },
      { options: { iterations: 1 } },
      once({ default: () => undefined }, { scenarios: { a: { executor: 'constant-vus', duration: '10x' } } }),
      once(
        { default: () => undefined },
        { scenarios: { a: { executor: 'constant-vus', duration: '1s', exec: 'other' } } },
      ),
      once(
        { default: () => undefined },
        { scenarios: { a: { executor: 'constant-arrival-rate', rate: -1, duration: '1s', preAllocatedVUs: 1 } } },
      ),
      once({ default: () => undefined }, { thresholds: { http_reqs: ['p(95)<1'] } }),
    ];
    for (const script of wrong) {
      const check = (): void => checkScript(script, script.options, resolveScenarios(script.options, UNSCALED));
      assert.throws(check, { code: 'config_invalid' }, JSON.stringify(script.options));
    }
  });
});
