import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '..', '..');
const staged = join(root, 'dist/node_modules/@culvert');
const run = promisify(execFile);
const BUILD_DEADLINE_MS = 180_000;

describe('npm run build', () => {
  before(async () => {
    await run('npm', ['run', 'build'], { cwd: root, timeout: BUILD_DEADLINE_MS, maxBuffer: 1 << 24 });
  });

  it('stages every package, with JavaScript, types and what they read at run time', async () => {
    const packages = globSync('packages/*/package.json', { cwd: root }).length;
    const entries = globSync('*/dist/index.js', { cwd: staged });
    assert.equal(entries.length, packages);
    assert.equal(globSync('*/dist/index.d.ts', { cwd: staged }).length, packages);
    const lua = (folder: string): number => globSync('**/*.lua', { cwd: folder }).length;
    assert.ok(lua(join(root, 'packages/registry/src')) > 0);
    assert.equal(lua(join(staged, 'registry/dist')), lua(join(root, 'packages/registry/src')));
  });

  it('makes packages that import each other as JavaScript', async () => {
    const imports = globSync('*/dist/index.js', { cwd: staged }).map((file) => `await import('./${file}');`);
    const script = `${imports.join('\n')}\nconst { loadDashboard } = await import('./dashboard/dist/index.js');
      console.log((await loadDashboard()).length, import.meta.resolve('@culvert/mux'));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: staged });
    // The pages, their script and their style at least.
    assert.match(stdout, /^(?:[3-9]|\d\d+) .*\/dist\/node_modules\/@culvert\/mux\/dist\/index\.js\n$/);
  });

  it('makes a command that runs', async () => {
    const { stdout } = await run(process.execPath, [join(staged, 'cli/bin/culvert.mjs'), 'worker', '--help']);
    assert.match(stdout, /--link-listen/);
  });
});
