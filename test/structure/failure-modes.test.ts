import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { ClusterEvents } from '@culvert/contracts';
import { METRICS } from '@culvert/telemetry';

const root = resolve(import.meta.dirname, '..', '..');
const PAGE = 'docs/FAILURE-MODES.md';
const COLUMNS = 10;
/** Each has to say why; one more is a decision, and changes this number. */
const NOT_REHEARSED = 2;

const DETECTION = /\b(metric|event|log) `([^`]+)`/g;
const SOURCE = /`((?:packages|test)\/[\w./-]+\.\w+)`/g;
const REHEARSAL = /`(test\/[\w./-]+|packages\/[\w./-]+)`((?: “[^”]+”)+)/g;
/** The title of a test or a suite; what a template puts in is `…`. */
const TITLE =
  /(?<![.\w])(?:it|test)(?:\.(?:only|skip|todo))?\(\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g;

interface Row {
  readonly failure: string;
  readonly numbers: readonly number[];
  readonly noticed: string;
  readonly action: string;
  readonly promise: string;
  readonly rehearsed: string;
}

/** A test that a row names. */
interface Rehearsal {
  readonly file: string;
  readonly title: string;
}

function readRows(): Row[] {
  const lines = readFileSync(join(root, PAGE), 'utf8').split('\n');
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return cells
    .filter((row) => row.length === COLUMNS + 2 && /^\d+$/.test(row[3] ?? ''))
    .map(([, failure = '', , s, o, d, rpn, noticed = '', action = '', promise = '', rehearsed = '']) => ({
      ...{ failure, noticed, action, promise, rehearsed },
      numbers: [s, o, d, rpn].map(Number),
    }));
}

function rehearsalsOf({ rehearsed }: Row): Rehearsal[] {
  return rehearsed
    .split('<br>')
    .flatMap((part) =>
      [...part.matchAll(REHEARSAL)].flatMap(([, file = '', titles = '']) =>
        [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
      ),
    );
}

function titlesIn(file: string): Set<string> {
  const text = readFileSync(join(root, file), 'utf8');
  const titles = [...text.matchAll(TITLE)].map(([, single, double, template]) => single ?? double ?? template ?? '');
  return new Set(titles.map((title) => title.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\\(.)/g, '$1')));
}

describe(PAGE, () => {
  let rows: readonly Row[];
  let events: ReadonlySet<string>;
  before(() => {
    rows = readRows();
    const files = globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts', '**/testing/**'] });
    // Of lines of the log: named as a literal, wherever the line is written.
    const named = files.flatMap(
      (file) => readFileSync(join(root, file), 'utf8').match(/'[a-z]+(?:\.[a-z_]+)?'/g) ?? [],
    );
    events = new Set(named.map((literal) => literal.slice(1, -1)));
  });

  it('is read whole', () => {
    const text = readFileSync(join(root, PAGE), 'utf8');
    assert.equal(rows.length, text.split('\n').filter((line) => /^\| [^|]+ \| [^|]+ \| \d/.test(line)).length);
    assert.ok(rows.length >= 40);
    assert.equal(new Set(rows.map(({ failure }) => failure)).size, rows.length, 'a failure has one row');
  });

  it('rates each failure from 1 to 10, multiplies right, and begins with the worst', () => {
    for (const { failure, numbers } of rows) {
      const [s = 0, o = 0, d = 0, rpn] = numbers;
      assert.ok(
        [s, o, d].every((number) => number >= 1 && number <= 10),
        failure,
      );
      assert.equal(rpn, s * o * d, failure);
    }
    const priorities = rows.map(({ numbers }) => numbers[3] ?? 0);
    assert.deepEqual(
      priorities,
      [...priorities].sort((one, other) => other - one),
    );
  });

  it('names metrics, events and lines of the log that there are, for each failure', () => {
    for (const { failure, noticed } of rows) {
      const named = [...noticed.matchAll(DETECTION)];
      assert.ok(named.length > 0, `${failure}: by what is it noticed?`);
      assert.equal(named.length, noticed.split('`').length >> 1, `${failure}: what kind of name?`);
      for (const [, kind, name = ''] of named) {
        const exists =
          kind === 'metric' ? name in METRICS : kind === 'event' ? name in ClusterEvents : events.has(name);
        assert.ok(exists, `${failure}: there is no ${kind} ${name}`);
      }
    }
  });

  it('names the files that act, and a promise, for each failure', () => {
    for (const { failure, action, promise } of rows) {
      const files = [...action.matchAll(SOURCE)].map(([, file = '']) => file);
      assert.ok(files.length > 0, `${failure}: what acts?`);
      for (const file of files) assert.ok(existsSync(join(root, file)), `${failure}: there is no ${file}`);
      assert.match(promise, /^RTO: .+; RPO: .+/, failure);
    }
  });

  it('names tests that there are, or says why there is none', () => {
    const known = new Map<string, Set<string>>();
    let without = 0;
    for (const row of rows) {
      const rehearsals = rehearsalsOf(row);
      if (rehearsals.length === 0) {
        without += 1;
        assert.match(row.rehearsed, /^not rehearsed: .{20}/, row.failure);
      }
      for (const { file, title } of rehearsals) {
        assert.ok(existsSync(join(root, file)), `${row.failure}: there is no ${file}`);
        const titles = known.get(file) ?? titlesIn(file);
        known.set(file, titles);
        assert.ok(titles.has(title), `${row.failure}: ${file} has no test “${title}”`);
      }
    }
    assert.equal(without, NOT_REHEARSED, 'failures that no test rehearses');
  });

  it('leaves out no test in test/chaos', () => {
    const named = new Set(rows.flatMap(rehearsalsOf).map(({ file, title }) => `${file} “${title}”`));
    const files = globSync('test/chaos/*.test.ts', { cwd: root });
    assert.ok(files.length > 10);
    const all = files.flatMap((file) => [...titlesIn(file)].map((title) => `${file} “${title}”`));
    assert.deepEqual(
      all.filter((test) => !named.has(test)),
      [],
    );
  });
});
