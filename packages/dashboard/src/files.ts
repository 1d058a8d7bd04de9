import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CulvertError } from '@culvert/base';

export interface DashboardFile {
  /** Path under which it is served. */
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  /** Its name has a hash of what is in it: it can be kept for ever. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/markdown; charset=utf-8',
};

/** What Vite makes of `browser/`, in the checkout as in a published package. */
const BUILT = fileURLToPath(new URL('../dist/browser/', import.meta.url));

/** Everything that the dashboard is made of, ready to be served. Rejects with `start_failed` if it was not built. */
export async function loadDashboard(directory = BUILT): Promise<DashboardFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    const fix = 'Build it: `npm run build:dashboard` (npm start and npm test do it by themselves).';
    throw new CulvertError('start_failed', 'The dashboard was not built.', { cause: error, fix });
  });
  const files = entries.filter((entry) => entry.isFile() && extname(entry.name) in TYPES);
  return Promise.all(
    files.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(directory, file)}`;
      return {
        path: path === '/index.html' ? '/' : path,
        type: TYPES[extname(file)] ?? '',
        body: await readFile(file),
        immutable: path.startsWith('/assets/'),
      };
    }),
  );
}
