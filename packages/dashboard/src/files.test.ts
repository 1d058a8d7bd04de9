import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { age, bytes, count, mood } from '../browser/format.ts';
import { loadDashboard } from './files.ts';

describe('the dashboard', () => {
  it('asks for no file that is not served, and for nothing from elsewhere', async () => {
    const files = await loadDashboard();
    const paths = new Set(files.map((file) => file.path));
    for (const { path, body } of files) {
      // The name of a namespace is no address.
      assert.doesNotMatch(body.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:\/\//, path);
      for (const [, wanted = ''] of body.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)) assert.ok(paths.has(wanted));
      for (const [, wanted = ''] of body.matchAll(/from '\.\/([^']+)'/g))
        assert.ok(paths.has(`/dashboard/${wanted}`), wanted);
    }
  });

  it('has nothing inline, which its content security policy would stop', async () => {
    const html = (await loadDashboard()).find((file) => file.path === '/')?.body ?? '';
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
  });

  it('names only elements that its page has', async () => {
    const files = await loadDashboard();
    const html = files.find((file) => file.path === '/')?.body ?? '';
    const app = files.find((file) => file.path.endsWith('/app.js'))?.body ?? '';
    const wanted = [...app.matchAll(/byId\('([a-z-]+)'/g)].map(([, id]) => id);
    assert.ok(wanted.length > 5);
    for (const id of wanted) assert.match(html, new RegExp(`id="${id}"`));
  });

  it('serves scripts without a trace of TypeScript', async () => {
    for (const { path, type, body } of await loadDashboard()) {
      if (!type.startsWith('text/javascript')) continue;
      assert.doesNotMatch(body, /import type|interface |@culvert/, path);
      assert.doesNotThrow(() => compile(body), path);
    }
  });
});

/** Parses a module without running it. */
function compile(source: string): void {
  // A function's body knows neither import nor export, so they go first.
  new Function(source.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, ''));
}

it('numbers for people', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567, 999_999].map(bytes), ['0 B', '999 B', '1.0 kB', '1.2 MB', '1.0 MB']);
  assert.deepEqual([-5, 42_000, 180_000, 5 * 3_600_000, 2 * 86_400_000].map(age), [
    '0 s',
    '42 s',
    '3 min',
    '5 h',
    '2 d',
  ]);
  assert.equal(count(1, 'node'), '1 node');
  assert.equal(count(2, 'node'), '2 nodes');
  assert.deepEqual(['ready', 'busy', 'cordoned', 'dead'].map(mood), ['good', 'good', 'warn', 'bad']);
});
