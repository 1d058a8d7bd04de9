// The dashboard as browsers get it: built by Vite when its sources have changed since it was built last.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../packages/cli/bin/launch.mjs';
import { withLock } from './pid-lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dashboard = join(root, 'packages', 'dashboard');
const stampFile = join(dashboard, 'dist', 'browser', '.built-from');
const BUILD_DEADLINE_MS = 2 * 60_000;

/** What the build depends on: sources, configuration, and the versions of everything. */
function sourceHash() {
  const hash = createHash('sha256');
  const browser = join(dashboard, 'browser');
  const sources = readdirSync(browser, { recursive: true })
    .map((name) => join(browser, name))
    .filter((file) => !file.endsWith('.test.ts') && statSync(file).isFile());
  for (const file of [...sources.sort(), join(dashboard, 'vite.config.ts'), join(root, 'package-lock.json')]) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

const isBuilt = (hash) => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash;

/** Takes `runtime`, the Node.js that Vite runs with. At once when nothing has changed; safe when two run together. */
export async function ensureDashboard(runtime) {
  const hash = sourceHash();
  if (isBuilt(hash)) return;
  await withLock(
    join(root, '.culvert', 'dashboard.lock'),
    BUILD_DEADLINE_MS,
    () => undefined,
    async () => {
      if (isBuilt(hash)) return;
      const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
      const config = join(dashboard, 'vite.config.ts');
      const code = await launch(runtime, [vite, 'build', '--config', config, '--logLevel', 'warn']);
      if (code !== 0) throw new Error('the dashboard could not be built; the words of Vite are above');
      writeFileSync(stampFile, hash);
    },
  );
}
