import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metrics } from './metrics.ts';
import { parseExpression, type ThresholdSpecs, Thresholds } from './thresholds.ts';

function verdicts(specs: ThresholdSpecs, metrics: Metrics, elapsedMs = 2_000): boolean[] {
  // Made before there are samples, as in a run: parts of a metric are kept from then on.
  return new Thresholds(specs, metrics).results(elapsedMs).map(({ ok }) => ok);
}

describe('thresholds', () => {
  it('are read as k6 documents them', () => {
    assert.deepEqual(parseExpression('p(99.9) < 200'), { aggregation: 'p(99.9)', operator: '<', limit: 200 });
    assert.deepEqual(parseExpression('rate<=0.01'), { aggregation: 'rate', operator: '<=', limit: 0.01 });
    assert.deepEqual(parseExpression('count!=-5'), { aggregation: 'count', operator: '!=', limit: -5 });
    for (const wrong of ['', 'p95<5', 'p(95)', '<5', 'avg=5', 'avg<5ms', 'avg<5 and max<3']) {
      assert.throws(
        () => new Thresholds({ http_req_duration: [wrong] }, new Metrics()),
        { code: 'config_invalid' },
        wrong,
      );
    }
  });

  it('refuse an aggregation that the kind of metric does not have, and a metric that there is not', () => {
    const wrong: ThresholdSpecs[] = [
      { http_reqs: ['p(95)<5'] },
      { http_req_failed: ['count<5'] },
      { http_req_duration: ['rate<5'] },
      { vus: ['max<5'] },
      { http_req_duration: ['p(101)<5'] },
      { nothing: ['count<5'] },
      { 'http_reqs{kind}': ['count<5'] },
    ];
    for (const specs of wrong) assert.throws(() => new Thresholds(specs, new Metrics()), { code: 'config_invalid' });
  });

  it('compare what was counted', () => {
    const metrics = new Metrics();
    for (let i = 1; i <= 100; i += 1) metrics.add('http_req_duration', i, {});
    for (let i = 0; i < 4; i += 1) metrics.add('http_req_failed', i === 0 ? 1 : 0, {});
    metrics.add('http_reqs', 10, {});
    metrics.add('vus', 7, {});
    assert.deepEqual(
      verdicts({ http_req_duration: ['p(95)<96', 'p(95)<94', 'med<=50.5', 'avg>50', 'min==1', 'max===100'] }, metrics),
      [...[true, false, true, true, true, true]],
    );
    assert.deepEqual(verdicts({ http_req_failed: ['rate<0.25', 'rate<=0.25', 'rate!=0.25'] }, metrics), [
      false,
      true,
      false,
    ]);
    assert.deepEqual(verdicts({ http_reqs: ['count>=10', 'rate==5', 'rate>5'], vus: ['value==7'] }, metrics), [
      true,
      true,
      false,
      true,
    ]);
  });

  it('hold for times that nobody measured, and not for counts that were to be reached', () => {
    assert.deepEqual(
      verdicts({ http_req_duration: ['p(95)<1'], http_reqs: ['count>0'], checks: ['rate==1'] }, new Metrics()),
      [...[true, false, false]],
    );
  });

  it('of a part look at the samples with its tags only', () => {
    const metrics = new Metrics();
    const thresholds = new Thresholds(
      { 'http_req_duration{kind:connect,scenario:a}': ['max<10'], http_req_duration: ['max<10'] },
      metrics,
    );
    metrics.add('http_req_duration', 5, { kind: 'connect', scenario: 'a', status: '200' });
    metrics.add('http_req_duration', 50, { kind: 'connect', scenario: 'b' });
    metrics.add('http_req_duration', 50, { kind: 'http', scenario: 'a' });
    assert.deepEqual(
      thresholds.results(1_000).map(({ ok, value }) => [ok, value]),
      [
        [true, 5],
        [false, 50],
      ],
    );
  });

  it('end the run only where they are to, and not before their delay', () => {
    const metrics = new Metrics();
    const specs: ThresholdSpecs = {
      connections_lost: ['count==0'],
      bytes_wrong: [{ threshold: 'count==0', abortOnFail: true, delayAbortEval: '10s' }],
    };
    const thresholds = new Thresholds(specs, metrics);
    metrics.add('connections_lost', 1, {});
    assert.equal(thresholds.breaking(60_000), undefined);
    metrics.add('bytes_wrong', 1, {});
    assert.equal(thresholds.breaking(9_999), undefined);
    assert.equal(thresholds.breaking(10_000)?.metric, 'bytes_wrong');
  });
});
