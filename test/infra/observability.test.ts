import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { alertRules, DEFAULT_OBJECTIVES } from '@culvert/service';
import { BOARDS, board } from '../../infra/grafana/boards/index.ts';
import { expressions, infra, rules, seriesOfTable, withRecorded } from '../support/infra/observability.ts';
import { unknownIn } from '../support/prometheus/named.ts';
import { checkRules, promtool } from '../support/prometheus/prometheus.ts';
import { ALERT_CASES, promtoolTests } from './alerts.ts';

const REMAKE = 'CULVERT_WRITE_DOCS=1 node --test test/infra/observability.test.ts';

/** What is made by code, and kept in the repository as who runs a cluster needs it. */
function made(): [path: string, text: string][] {
  const rulesFile = alertRules(DEFAULT_OBJECTIVES);
  const boards = Object.entries(BOARDS).map(([name, spec]) => [
    `${name}.json`,
    `${JSON.stringify(board(spec), null, 2)}\n`,
  ]);
  return [
    ['prometheus/rules.yaml', rulesFile],
    ['helm/culvert/files/rules.yaml', rulesFile],
    ...boards.flatMap(([name, text = '']): [string, string][] => [
      [`grafana/${name}`, text],
      [`helm/culvert/files/boards/${name}`, text],
    ]),
  ];
}

it('rules and boards are as the code makes them', () => {
  for (const [path, text] of made()) {
    const file = join(infra, path);
    if (process.env.CULVERT_WRITE_DOCS) {
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
    }
    // Boards are laid out by the formatter; what they say counts.
    const read = (json: string): unknown => (path.endsWith('.json') ? JSON.parse(json) : json);
    const fix = `${path} is out of date. Fix: ${REMAKE}, then npm run format`;
    assert.ok(isDeepStrictEqual(read(readFileSync(file, 'utf8')), read(text)), fix);
  }
});

describe('what boards and rules ask', () => {
  it('is shown by the processes, with the labels that they ask for', () => {
    const known = withRecorded(seriesOfTable());
    const asked = expressions();
    assert.ok(asked.length > 100, String(asked.length));
    for (const { where, expr } of asked) assert.deepEqual(unknownIn(expr, known), [], where);
  });

  it('is looked at closely', () => {
    const known = seriesOfTable();
    assert.match(unknownIn('sum(culvert_sessions_active)', known)[0] ?? '', /nobody shows culvert_sessions_active/);
    assert.match(unknownIn('culvert_session_active{stat="x"}', known)[0] ?? '', /has no stat/);
    assert.match(unknownIn('sum by (node) (culvert_session_active)', known)[0] ?? '', /nothing in it has node/);
    assert.deepEqual(unknownIn('sum by (instance) (culvert_session_active{state="busy",job="culvert"})', known), []);
  });
});

describe('boards', () => {
  for (const [name, spec] of Object.entries(BOARDS)) {
    it(`${name}: no panel hides another, each says what it shows, of the data source that one chooses`, () => {
      const { panels, id, templating } = board(spec) as {
        id: null;
        panels: {
          id: number;
          type: string;
          description?: string;
          datasource?: object;
          gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
        }[];
        templating: { list: { type: string }[] };
      };
      assert.equal(id, null, 'Grafana gives the id');
      assert.equal(templating.list[0]?.type, 'datasource');
      assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
      const cells = new Set<string>();
      for (const { type, description, datasource, gridPos } of panels) {
        if (type !== 'row') {
          assert.ok(description?.endsWith('.'));
          assert.deepEqual(datasource, { type: 'prometheus', uid: '$datasource' });
        }
        assert.ok(gridPos.x + gridPos.w <= 24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            assert.ok(!cells.has(`${x} ${y}`), `${x} ${y} is taken`);
            cells.add(`${x} ${y}`);
          }
        }
      }
    });
  }
});

describe('rules', () => {
  const operational = rules().filter(({ alert, expr }) => alert !== undefined && !expr.includes('burn_rate'));

  it('load, and so does the configuration that names them', async () => {
    assert.equal(await checkRules(readFileSync(join(infra, 'prometheus/rules.yaml'), 'utf8')), '');
    assert.equal(await promtool(['check', 'config', join(infra, 'prometheus/prometheus.yaml')], ''), '');
  });

  it('fire when they should, and not before', async () => {
    const tried = new Set(ALERT_CASES.map(({ alert }) => alert));
    for (const { alert = '' } of operational) assert.ok(tried.has(alert), `${alert} is tried`);
    const folder = mkdtempSync(join(tmpdir(), 'culvert-alerts-'));
    try {
      const file = join(folder, 'tests.json');
      writeFileSync(file, JSON.stringify(promtoolTests(join(infra, 'prometheus/rules.yaml'), ALERT_CASES)));
      assert.equal(await promtool(['test', 'rules', file], ''), '');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('each say what to do, in a section of the operator’s guide', () => {
    const guide = readFileSync(join(infra, '..', 'docs/OPERATIONS.md'), 'utf8');
    const anchors = new Set(
      [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const alerts = rules().filter(({ alert }) => alert !== undefined);
    assert.ok(alerts.length > 20);
    for (const { alert, annotations = {} } of alerts) {
      const [, page, anchor = ''] = /^(docs\/OPERATIONS\.md)#(.+)$/.exec(annotations.runbook_url ?? '') ?? [];
      assert.ok(page !== undefined && anchors.has(anchor), `${alert}: ${annotations.runbook_url}`);
    }
  });
});
