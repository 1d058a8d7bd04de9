import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withPart } from './results.ts';

describe('a part of the results', () => {
  it('takes the place of what its command wrote before, and of nothing else', () => {
    const first = withPart(withPart('# Results\n', 'one', 'old\n'), 'two', 'other');
    const text = withPart(first, 'one', '# New\n');
    assert.equal(
      text,
      '# Results\n\n<!-- one -->\n# New\n<!-- end of one -->\n\n<!-- two -->\nother\n<!-- end of two -->\n',
    );
  });

  it('is put at the end when its command never ran', () => {
    assert.equal(withPart('# Results\n\n', 'one', 'x'), '# Results\n\n<!-- one -->\nx\n<!-- end of one -->\n');
  });
});
