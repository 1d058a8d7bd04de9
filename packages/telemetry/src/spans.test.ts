import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ATTRIBUTE, SPAN, sessionSpanContext } from './spans.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'TRACING.md'), 'utf8');

/** First cells of a table's rows, under the heading. */
function rowsUnder(heading: string): string[] {
  const [, text = ''] = page.split(`\n${heading}\n`);
  const [section = ''] = text.split(/\n#+ /);
  return section.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split('|')[1]?.trim() ?? ''] : []));
}

describe('spans', () => {
  it('docs/TRACING.md has a row for each, and no others', () => {
    assert.deepEqual(
      rowsUnder('## Spans'),
      Object.values(SPAN).map((name) => `\`${name}\``),
    );
  });

  it('docs/TRACING.md names each attribute once, and no others', () => {
    const named = rowsUnder('### Attributes').flatMap((cell) =>
      cell.split(', ').map((name) => name.replaceAll('`', '')),
    );
    assert.deepEqual(named.sort(), Object.values(ATTRIBUTE).sort());
  });

  it('session.open has ids that everybody computes alike, others for each epoch', () => {
    const context = sessionSpanContext('s_1', 7);
    assert.match(context.traceId, /^[0-9a-f]{32}$/);
    assert.match(context.spanId, /^[0-9a-f]{16}$/);
    assert.deepEqual(sessionSpanContext('s_1', 7), context);
    assert.notEqual(sessionSpanContext('s_1', 8).traceId, context.traceId);
    assert.notEqual(sessionSpanContext('s_2', 7).traceId, context.traceId);
  });
});
