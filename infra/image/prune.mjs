// A step of infra/Containerfile, after `npm run build`: leaves in node_modules what runs, and nothing that only builds or
// tests. It changes the checkout that it runs in: for containers.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));
const modules = join(root, 'node_modules');
if (!existsSync(join(root, 'dist/node_modules/@culvert/cli'))) {
  throw new Error('dist/ is missing. Fix: npm run build, which stages the packages there.');
}

execFileSync('npm', ['prune', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund'], {
  cwd: root,
  stdio: 'inherit',
});
// Links to the sources make way for the packages; dependencies of one package only lie beside it.
rmSync(join(modules, '@culvert'), { recursive: true });
renameSync(join(root, 'dist/node_modules/@culvert'), join(modules, '@culvert'));
for (const own of globSync('packages/*/node_modules', { cwd: root })) {
  renameSync(join(root, own), join(modules, '@culvert', own.split('/')[1], 'node_modules'));
}
rmSync(join(modules, '.cache'), { recursive: true, force: true });
rmSync(join(modules, '.bin'), { recursive: true, force: true });
// Only what is executed: nobody compiles against the image, or steps through it.
for (const file of globSync('**/*.{d.ts,d.mts,d.cts,map,md,markdown}', { cwd: modules })) {
  if (!file.includes('/browser/')) rmSync(join(modules, file), { force: true });
}
removeEmpty(modules);

/** Scopes of which nothing is left. */
function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    removeEmpty(path);
    if (readdirSync(path).length === 0) rmdirSync(path);
  }
}
