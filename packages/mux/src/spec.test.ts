import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES, type ErrorCode } from '@culvert/base';
import { specRules, specSections, specTypes } from './testing/spec-tables.ts';
import { FrameType } from './wire.ts';

const packages = join(import.meta.dirname, '..', '..');
const sources = globSync('{mux,link,worker,edge,gateway,agent}/src/**/*.ts', { cwd: packages })
  .filter((path) => !path.includes('.test.ts') && !path.includes('/testing/'))
  .map((path) => ({ path, text: readFileSync(join(packages, path), 'utf8') }));

/** Both forms: `new ProtocolError('M1', …)` and a message that begins with `R2: `. */
const RULE = /ProtocolError\('([A-Z]\d+)'|['"`]([A-Z]\d+): /g;

describe('SPEC.md and the code', () => {
  it('know the same rules', () => {
    const thrown = new Set<string>();
    for (const { text } of sources) for (const [, a, b] of text.matchAll(RULE)) thrown.add(a ?? b ?? '');
    assert.ok(thrown.size > 30);
    assert.deepEqual([...thrown].toSorted(), [...specRules().keys()].toSorted());
  });

  it('know the same frame types', () => {
    assert.deepEqual(specTypes(), { ...FrameType });
  });

  it('every rule has a code that exists', () => {
    for (const { rule, code, ends } of specRules().values()) {
      assert.ok(Object.hasOwn(ERROR_CODES, code as ErrorCode), `${rule}: ${code}`);
      assert.match(ends, /^(link|stream|frame)$/, rule);
    }
  });

  it('every section that a comment names is there', () => {
    const sections = specSections();
    let seen = 0;
    for (const { path, text } of sources) {
      for (const [, section = ''] of text.matchAll(/SPEC §(\d+(?:\.\d+)?)/g)) {
        seen += 1;
        assert.ok(sections.has(section), `${path} cites §${section}`);
      }
    }
    assert.ok(seen > 10);
  });
});
