import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { importsOf, lexerReady, packageNameOf, readImportTable } from './import-table.ts';

const root = resolve(import.meta.dirname, '..', '..');
const packages = globSync('packages/*/package.json', { cwd: root }).map((path) => path.split('/')[1] ?? '');
const table = readImportTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));
const builtins = new Set(builtinModules);
await lexerReady();
/** Beside its declared dependencies, a test may use what the root installs for tests. */
const isTest = (file: string): boolean => /\.test\.ts$|\/testing\/|\/test\/|\/fuzz\//.test(file);
/** What browsers get is bundled when it is built: whoever installs the package needs nothing of it. */
const isBundled = (file: string): boolean => file.includes('/browser/');

interface Manifest {
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

/** Why `file` of package `name` may not import `specifier`; undefined when it may. */
function objection(name: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = relative(join(root, 'packages', name), join(root, dirname(file), specifier));
    return target.startsWith('..') ? 'it is outside the package' : undefined;
  }
  if (specifier.startsWith('node:')) {
    return builtins.has(specifier.slice(5)) || builtins.has(specifier) ? undefined : 'Node.js has no such module';
  }
  const { dependencies = {}, devDependencies = {} } = manifest(`packages/${name}`);
  const dependency = packageNameOf(specifier);
  if (!specifier.startsWith('@culvert/')) {
    const forTests = { ...devDependencies, ...manifest('.').devDependencies };
    const declared =
      dependency in dependencies ||
      (isTest(file) && dependency in forTests) ||
      (isBundled(file) && dependency in devDependencies);
    return declared ? undefined : 'its package.json does not declare it';
  }
  if (!table.get(name)?.has(dependency.slice('@culvert/'.length))) return 'the table does not allow it';
  const exported = manifest(`packages/${dependency.slice('@culvert/'.length)}`).exports ?? {};
  const path = `.${specifier.slice(dependency.length)}`;
  if (path in exported && (path !== './testing' || isTest(file))) return undefined;
  return 'its package does not export it, or to tests only';
}

function sources(name: string): string[] {
  return globSync(`packages/${name}/{src,browser,test,fuzz,bin}/**/*.{ts,tsx,mjs}`, { cwd: root });
}

describe('import table of ARCHITECTURE.md', () => {
  it('names every package, and no other', () => {
    assert.deepEqual([...table.keys()].toSorted(), packages.toSorted());
  });

  it('has no cycle', () => {
    const visit = (name: string, path: readonly string[]): void => {
      assert.ok(!path.includes(name), `${[...path, name].join(' → ')}`);
      for (const next of table.get(name) ?? []) visit(next, [...path, name]);
    };
    for (const name of table.keys()) visit(name, []);
  });

  for (const name of packages) {
    const allowed = table.get(name) ?? new Set<string>();

    it(`${name}: imports what the table and its package.json allow`, () => {
      for (const file of sources(name)) {
        for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'), file)) {
          const reason = objection(name, file, specifier);
          assert.equal(reason, undefined, `${file} imports ${specifier}: ${reason}`);
        }
      }
    });

    it(`${name}: package.json and tsconfig.json declare what it imports, and nothing else`, () => {
      const { dependencies = {} } = manifest(`packages/${name}`);
      const used = new Set<string>();
      for (const file of sources(name)) {
        for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'), file)) {
          if (!specifier.startsWith('.') && !specifier.startsWith('node:')) used.add(packageNameOf(specifier));
        }
      }
      for (const dependency of Object.keys(dependencies)) {
        if (dependency.startsWith('@culvert/')) {
          assert.ok(allowed.has(dependency.slice('@culvert/'.length)), `${dependency}: the table does not allow it`);
        }
        assert.ok(used.has(dependency), `${dependency}: declared in packages/${name}/package.json, but never imported`);
      }
      const { references = [] } = JSON.parse(readFileSync(join(root, 'packages', name, 'tsconfig.json'), 'utf8'));
      const referenced = (references as { path: string }[]).map(({ path }) => `@culvert/${path.replace('../', '')}`);
      const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@culvert/'));
      assert.deepEqual(
        referenced.toSorted(),
        own.toSorted(),
        'the references of tsconfig.json are not its dependencies',
      );
    });
  }

  it('finds imports of every form', () => {
    const source = `
      import type { A } from 'a';
      import { type B, c } from "b";
      export type { D } from 'd';
      export { e } from './e.ts';
      import 'node:f';
      const g = await import('g');
      let h: Map<string, import('h').H>;
      type I = typeof import('i');
      // import 'not this one'
      const text = "import 'nor this'";`;
    assert.deepEqual(importsOf(source, 'example.ts').toSorted(), ['./e.ts', 'a', 'b', 'd', 'g', 'h', 'i', 'node:f']);
  });

  it('is tested against the folder as it is', () => {
    assert.ok(packages.length >= 15 && packages.every((name) => existsSync(join(root, 'packages', name, 'src'))));
  });
});
