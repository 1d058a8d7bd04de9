import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..', '..');
const CALL = /\blog(?:ger)?(?:\?)?\.(debug|info|warn|error)\(/g;
/** Where fields are put together before the call, it is not further away than this. */
const NEAR_CHARS = 1_500;
/** `noun.verb`, in lower case; a few of an agent's events are one word, which people and programs know. */
const NAME = /^[a-z]+\.[a-z]+(?:_[a-z]+)*$/;
const ONE_WORD = new Set(['retrying']);

interface LogCall {
  readonly where: string;
  /** What it is given, as it is written. */
  readonly fields: string;
  /** The source in front of it. */
  readonly before: string;
}

function callsIn(file: string): LogCall[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(CALL)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    const before = text.slice(Math.max(0, match.index - NEAR_CHARS), match.index);
    return { where: `${file}:${line}`, fields: firstArgument(text, match.index + match[0].length), before };
  });
}

/** Up to the comma that ends it, or the bracket that ends the call. */
function firstArgument(text: string, from: number): string {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if ('({['.includes(letter)) depth += 1;
    if (depth === 0 && (letter === ',' || letter === ')')) return text.slice(from, at).trim();
    if (')}]'.includes(letter)) depth -= 1;
  }
  return '';
}

describe('lines of the log', () => {
  let calls: LogCall[];
  before(() => {
    const files = globSync('packages/*/src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts', '**/testing/**'] });
    calls = files.filter((file) => !file.endsWith('service/src/logger.ts')).flatMap(callsIn);
  });

  it('are found', () => assert.ok(calls.length > 100, `${calls.length}`));

  it('have an event, by which people and programs search for them', () => {
    const without = calls.filter(({ fields, before }) => {
      // Fields with a name of their own were put together in front of the call.
      const isLiteral = fields.startsWith('{') && !fields.includes('...');
      return !(isLiteral ? /\bevent\b/ : /\bevent\b|'[a-z]+\.[a-z_]+'/).test(isLiteral ? fields : before + fields);
    });
    assert.deepEqual(
      without.map(({ where }) => where),
      [],
    );
  });

  it('name it noun.verb', () => {
    const names = calls.flatMap(({ where, fields }) =>
      [...fields.matchAll(/\bevent: '([^']+)'/g)].map(([, name = '']) => ({ where, name })),
    );
    assert.ok(names.length > 80);
    assert.deepEqual(
      names.filter(({ name }) => !NAME.test(name) && !ONE_WORD.has(name)),
      [],
    );
  });
});
