import { init, parse } from 'es-module-lexer';

/** package → the packages it may import, from the rows `| name | what it is | base, mux |`; `–`: none, `all`: every one above it. */
export function readImportTable(markdown: string): Map<string, ReadonlySet<string>> {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^\|\s*package\s*\|.*\|\s*may import\s*\|/.test(line));
  if (start < 0) throw new Error('there is no table with the columns "package" and "may import"');
  const table = new Map<string, ReadonlySet<string>>();
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    const cells = line.split('|').map((cell) => cell.replaceAll('`', '').trim());
    const [name = '', may = ''] = [cells[1], cells.at(-2)];
    const names = may === 'all' ? [...table.keys()] : may.split(',').map((item) => item.trim());
    table.set(name, new Set(names.filter((item) => item !== '' && item !== '–' && item !== '-')));
  }
  return table;
}

/** The lexer's WebAssembly has to be there before `importsOf` is called. */
export const lexerReady = init;

/** Every module that a source names: import, export … from, import(), and those that only bring types. */
export function importsOf(source: string, file: string): string[] {
  const names = new Set<string>();
  for (const { specifier } of parse(file.endsWith('.tsx') ? headOf(source) : source, file)[0]) {
    // import.meta has none; import() of an expression can't be known here.
    if (typeof specifier === 'string') names.add(specifier);
  }
  // `typeof import('x')` in a type is no import to the lexer.
  for (const [, name = ''] of source.matchAll(/\btypeof\s+import\(\s*['"]([^'"]+)['"]\s*\)/g)) names.add(name);
  return [...names];
}

/** Up to the end of the last import at the beginning of a line: the lexer does not know the mark-up that follows. */
function headOf(source: string): string {
  const ends = [...source.matchAll(/^import\s[^;]*;/gm)].map(({ index, 0: text }) => index + text.length);
  return source.slice(0, ends.at(-1) ?? 0);
}

/** `@scope/name/part` → `@scope/name`. */
export function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
