import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DashboardFile, loadDashboard } from './files.ts';

/** Names, not places: of XML namespaces, and of what a problem with Preact is explained at. */
const NAMES = /https?:\/\/(?:www\.w3\.org\/|[a-z.]*preactjs\.com|bit\.ly\/|tanstack\.com)/g;
const HASHED = /^\/assets\/[\w-]+-[\w-]{8}\.(?:js|css|svg)$/;

describe('the dashboard, built', () => {
  let directory: string;
  let files: DashboardFile[];
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'culvert-dashboard-'));
    await build(directory);
    files = await loadDashboard(directory);
  });
  after(() => rm(directory, { recursive: true }));

  const textOf = (path: string): string => files.find((file) => file.path === path)?.body.toString() ?? '';
  const assets = (): DashboardFile[] => files.filter(({ path }) => path !== '/' && !path.endsWith('.md'));

  it('asks for no file that is not served', () => {
    const paths = new Set(files.map(({ path }) => path));
    const wanted = new Set<string>();
    for (const { body } of files) {
      for (const [, path = ''] of body.toString().matchAll(/(?:src|href)="([^"]+)"/g)) wanted.add(path);
    }
    for (const { path, body } of assets()) {
      if (!path.endsWith('.js')) continue;
      const text = body.toString();
      for (const [, name = ''] of text.matchAll(/(?:from|import)\(?\s*[`'"](\.\.?\/[^`'"]+)[`'"]/g)) {
        wanted.add(new URL(name, `http://x${path}`).pathname);
      }
      for (const [, name = ''] of text.matchAll(/[`'"](assets\/[^`'"]+)[`'"]/g)) wanted.add(`/${name}`);
    }
    assert.ok(wanted.size > 10, `${wanted.size}`);
    for (const path of wanted) assert.ok(paths.has(path), path);
  });

  it('asks for nothing from elsewhere', () => {
    for (const { path, body } of assets()) {
      const text = body.toString().replaceAll(NAMES, '');
      assert.doesNotMatch(text, /["'`(]https?:\/\/[\w.-]+\.\w/, path);
    }
    assert.doesNotMatch(textOf('/'), /https?:|src="\/\//);
  });

  it('has nothing inline, which its content security policy would stop', () => {
    const html = textOf('/');
    assert.match(html, /<script type="module"/);
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
    for (const { path, body } of assets()) {
      if (path.endsWith('.css')) assert.doesNotMatch(body.toString(), /url\(["']?data:|@import/, path);
      if (path.endsWith('.js')) assert.doesNotMatch(body.toString(), /\beval\(|new Function\(/, path);
    }
  });

  it('has names by which browsers keep the assets for ever, and the page itself never', () => {
    for (const { path, immutable } of assets()) {
      assert.match(path, HASHED);
      assert.ok(immutable, path);
    }
    assert.equal(files.find(({ path }) => path === '/')?.immutable, false);
    assert.deepEqual(
      files.filter(({ type }) => type === '').map(({ path }) => path),
      [],
    );
  });

  it('loads each page’s code when it is wanted', () => {
    const pages = assets().filter(({ path }) => /-page-[\w-]{8}\.js$/.test(path));
    assert.ok(pages.length >= 9, `${pages.length}`);
    const [, entry = ''] = /<script[^>]*\ssrc="([^"]+)"/.exec(textOf('/')) ?? [];
    assert.ok(textOf(entry).length > 0, 'what the page begins with is there');
    for (const { path } of pages) assert.ok(!textOf('/').includes(path), path);
  });
});

it('a dashboard that was not built is refused, with what to do', async () => {
  await assert.rejects(loadDashboard(join(tmpdir(), 'culvert-no-such-dashboard')), {
    code: 'start_failed',
    fix: /build:dashboard/,
  });
});

/** With the settings of this package, into another folder: what the API serves stays as it is. */
async function build(outDir: string): Promise<void> {
  const require = createRequire(import.meta.url);
  const vite = (await import(require.resolve('vite'))) as typeof import('vite');
  await vite.build({
    configFile: join(import.meta.dirname, '../vite.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
}
