import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * After the last test of a file. What a test that failed has left open (a connection that tries again for ever, say) would
 * keep the process, and everybody, waiting: it is named, and the file has failed.
 */
const WATCHDOG = `
after(() => {
  setTimeout(() => {
    process.stderr.write(\`left open by the tests: \${process.getActiveResourcesInfo().join(', ')}\\n\`);
    process.exit(1);
  }, 30_000).unref();
});`;

/**
 * One file for each package that runs all of its test files in one process, each as a suite of its own: what they import is
 * loaded once, which takes longer than most of them. Those with most to do come first, so that none is waited for alone.
 */
export function joinByPackage(files: readonly string[], root: string): string[] {
  const folder = join(root, 'node_modules', '.cache', 'tests');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const groups = Map.groupBy(files, (file) => file.split(sep).slice(0, 2).join('-'));
  const bytes = (some: readonly string[]): number =>
    some.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
  const ordered = [...groups].toSorted(([, one], [, other]) => bytes(other) - bytes(one));
  return ordered.map(([name, some]) => {
    const path = join(folder, `${name}.test.mjs`);
    // A suite around each import: hooks that a file has outside of any suite are for that file alone.
    const suites = some.map(
      (file) =>
        `describe(${JSON.stringify(file)}, async () => void (await import(${JSON.stringify(join(root, file))})));`,
    );
    writeFileSync(path, ["import { after, describe } from 'node:test';", ...suites, WATCHDOG, ''].join('\n'));
    return path;
  });
}
