import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { CulvertError, ERROR_CODES, type ErrorCode, isErrorCode, toCulvertError, toErrorCode } from './errors.ts';

const DOCUMENT = new URL('../../../docs/ERRORS.md', import.meta.url);

/** The page of all codes. `CULVERT_WRITE_DOCS=1 node --test packages/base/src/errors.test.ts` writes it. */
function page(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return `# Error codes

Every failure that a person or a program outside a process may see has a stable code. The API answers it as the \`code\`
of an \`application/problem+json\` body, the proxy as \`X-Culvert-Error\`, a link as the reason of its end, and the log as
\`err.code\`. Programs look at the code; the words beside it may change.

| code | HTTP status | meaning |
|---|---|---|
${rows.join('\n')}

Generated from \`packages/base/src/errors.ts\`; a test compares the two.
`;
}

describe('error codes', () => {
  it('are those of docs/ERRORS.md', () => {
    if (process.env.CULVERT_WRITE_DOCS) writeFileSync(DOCUMENT, page());
    assert.equal(readFileSync(DOCUMENT, 'utf8'), page());
  });

  it('have a status that HTTP can carry and words that fit a table', () => {
    for (const [code, { status, meaning }] of Object.entries(ERROR_CODES)) {
      assert.match(code, /^[a-z]+(?:_[a-z]+)*$/);
      assert.ok(status >= 400 && status <= 599, code);
      assert.match(meaning, /^[^|\n]+\.$/, code);
    }
  });
});

describe('CulvertError', () => {
  it('has the words and the status of its code unless told otherwise', () => {
    const plain = new CulvertError('session_busy');
    assert.deepEqual(
      [plain.message, plain.status, plain.name],
      [ERROR_CODES.session_busy.meaning, 409, 'CulvertError'],
    );
    assert.ok(!('cause' in plain));
    const cause = new Error('why');
    const told = new CulvertError('timeout', 'late', { cause, fix: 'wait', retryAfterSeconds: 2 });
    assert.deepEqual([told.message, told.cause, told.fix, told.retryAfterSeconds], ['late', cause, 'wait', 2]);
  });

  it('is made of whatever was thrown', () => {
    const known = new CulvertError('timeout');
    assert.equal(toCulvertError(known, 'internal'), known);
    const error = new Error('boom');
    const made = toCulvertError(error, 'link_lost');
    assert.deepEqual([made.code, made.message, made.cause], ['link_lost', 'boom', error]);
    assert.deepEqual([toCulvertError('text').code, toCulvertError('text').message], ['internal', 'text']);
  });

  it('takes from a peer only codes that exist', () => {
    assert.ok(isErrorCode('timeout'));
    for (const odd of ['toString', '__proto__', '', 5, null, undefined]) {
      assert.ok(!isErrorCode(odd));
      assert.equal(toErrorCode(odd, 'aborted') satisfies ErrorCode, 'aborted');
    }
  });
});
