// The last step of `npm run build`: lays what the compiler made out as publishable packages, dist/node_modules/@culvert/*.
// In the checkout, packages export their sources; here they export JavaScript and type declarations, and bring along
// what is no TypeScript (Lua, HTML, CSS). `npm publish dist/node_modules/@culvert/agent` publishes one; an image takes them all.
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const stage = join(root, 'dist', 'node_modules', '@culvert');

rmSync(join(root, 'dist'), { recursive: true, force: true });
const names = readdirSync(join(root, 'packages'));
for (const name of names) stagePackage(name);
process.stdout.write(`build: ${names.length} packages in dist/node_modules/@culvert\n`);

function stagePackage(name) {
  const from = join(root, 'packages', name);
  const to = join(stage, name);
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  if (!existsSync(join(from, 'dist', 'index.js'))) {
    throw new Error(`packages/${name}/dist is missing. Fix: npm run build, which compiles before it stages.`);
  }
  const exported = Object.values(manifest.exports);
  const needed = (path) => {
    if (['.tsbuildinfo', '.built-from'].includes(basename(path))) return false;
    // Support for tests is published only where it is a package's own export.
    return basename(path) !== 'testing' || exported.some((target) => target.startsWith('./src/testing/'));
  };
  cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true, filter: needed });
  copyAssets(join(from, 'src'), join(to, 'dist'));
  if (manifest.bin !== undefined) cpSync(join(from, 'bin'), join(to, 'bin'), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'));
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
}

/** What is no TypeScript goes along as it is. */
function copyAssets(from, to) {
  for (const file of globSync('**/*.{lua,html,css,svg}', { cwd: from })) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file));
  }
}

function published({ scripts: _scripts, devDependencies: _dev, files: _files, ...manifest }) {
  const compiled = (source, ending) => source.replace('./src/', './dist/').replace(/\.ts$/, ending);
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([path, source]) => [
      path,
      { types: compiled(source, '.d.ts'), default: compiled(source, '.js') },
    ]),
  );
  return { engines: { node: '>=26' }, ...manifest, exports };
}
