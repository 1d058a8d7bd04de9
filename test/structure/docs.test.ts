import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..', '..');
const pages = globSync(['*.md', 'docs/*.md', 'bench/*.md', 'packages/*/*.md'], { cwd: root });
/** A path of this repository in backticks: what a page names has to be there. */
const NAMED = /`((?:packages|test|bench|docs|setup)\/[\w./-]+\.\w+)`/g;
const LINKED = /\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g;

describe('documents', () => {
  for (const page of pages) {
    it(`${page}: the files that it names and links exist`, () => {
      const text = readFileSync(join(root, page), 'utf8');
      const named = [...text.matchAll(NAMED)].map(([, path = '']) => join(root, path));
      const linked = [...text.matchAll(LINKED)].map(([, path = '']) => join(root, dirname(page), path));
      for (const path of [...named, ...linked])
        assert.ok(existsSync(path), `${path.slice(root.length + 1)} is missing`);
    });
  }

  it('are looked at', () => assert.ok(pages.length > 6));
});
