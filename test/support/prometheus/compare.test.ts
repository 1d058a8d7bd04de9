import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingOf, wrongWith } from './compare.ts';
import { parseExposition, sampleOf } from './exposition.ts';

const GOOD = `# HELP culvert_session_active Sessions.
# TYPE culvert_session_active gauge
culvert_session_active{state="idle"} 3
# TYPE culvert_link_rtt_seconds histogram
culvert_link_rtt_seconds_bucket{peer="worker",le="0.5"} 1
culvert_link_rtt_seconds_bucket{peer="worker",le="+Inf"} 2
culvert_link_rtt_seconds_sum{peer="worker"} 0.75
culvert_link_rtt_seconds_count{peer="worker"} 2
`;

describe('a scrape compared with the table of metrics', () => {
  it('is read as Prometheus reads it', () => {
    const families = parseExposition(`${GOOD}# TYPE odd gauge\nodd{a="q\\"u,o=}",b=""} -1e3\n`);
    assert.equal(sampleOf(families, 'culvert_link_rtt_seconds_bucket', { le: '+Inf' }), 2);
    assert.deepEqual(families.get('odd')?.samples, [{ name: 'odd', labels: { a: 'q"u,o=}', b: '' }, value: -1_000 }]);
    assert.equal(sampleOf(families, 'odd', { a: 'other' }), undefined);
    assert.throws(() => parseExposition('unannounced 1\n'), /no # TYPE line announces unannounced/);
    assert.throws(() => parseExposition('not a sample at all\n'), /no sample/);
  });

  it('is right', () => assert.deepEqual(wrongWith('worker', parseExposition(GOOD)), []));

  for (const [what, text, words] of [
    [
      'an unknown metric',
      '# TYPE culvert_secret gauge\nculvert_secret 1\n',
      /worker shows culvert_secret, which is not/,
    ],
    ['another role’s', '# TYPE culvert_slo_objective_ratio gauge\n', /which the table does not say of it/],
    ['another kind', GOOD.replace('active gauge', 'active counter'), /is a counter, in the table a gauge/],
    ['one label more', GOOD.replace('{state="idle"}', '{state="idle",session="s"}'), /has the labels state,session/],
    ['a label that is missing', GOOD.replace('{state="idle"}', ''), /has the labels , in the table state/],
  ] as const) {
    it(`is wrong with ${what}`, () => assert.match(wrongWith('worker', parseExposition(text)).join(), words));
  }

  it('lacks what no node of the role shows', () => {
    const missing = missingOf('worker', [
      parseExposition(GOOD),
      parseExposition('# TYPE culvert_worker_suspect gauge\n'),
    ]);
    assert.ok(!missing.includes('culvert.session.active') && !missing.includes('culvert.slo.objective'));
    assert.ok(missing.includes('culvert.worker.suspect'), 'announced, and without a value');
  });
});
