import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';

export interface DashboardFile {
  /** Path under which it is served. */
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

/** Runs this from its sources? Then the page's scripts come from theirs, their types taken out as they are read. */
const FROM_SOURCES = import.meta.url.endsWith('.ts');
const SCRIPTS = ['app', 'api', 'format', 'tables'] as const;

/** Everything that the dashboard is made of, ready to be served. */
export async function loadDashboard(): Promise<DashboardFile[]> {
  const scripts = SCRIPTS.map(async (name) => ({
    path: `/dashboard/${name}.js`,
    type: 'text/javascript; charset=utf-8',
    body: await script(name),
  }));
  return [
    { path: '/', type: 'text/html; charset=utf-8', body: await read('../browser/index.html') },
    { path: '/dashboard/icon.svg', type: 'image/svg+xml', body: await read('../browser/icon.svg') },
    { path: '/dashboard/style.css', type: 'text/css; charset=utf-8', body: await read('../browser/style.css') },
    ...(await Promise.all(scripts)),
  ];
}

/** What the build makes of a script: types out, `./x.ts` imported as `./x.js`. */
async function script(name: string): Promise<string> {
  if (!FROM_SOURCES) return read(`browser/${name}.js`);
  const stripped = stripTypeScriptTypes(await read(`../browser/${name}.ts`));
  return stripped.replaceAll(/(from '\.\/[a-z-]+)\.ts'/g, "$1.js'");
}

function read(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}
