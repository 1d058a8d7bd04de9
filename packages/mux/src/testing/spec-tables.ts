import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SpecRule {
  readonly rule: string;
  readonly ends: string;
  readonly code: string;
}

const SPEC = readFileSync(join(import.meta.dirname, '..', '..', 'SPEC.md'), 'utf8');

/** The cells of each table row below the heading that begins with `heading`, up to the next one. */
function rows(heading: string): string[][] {
  const from = SPEC.indexOf(`\n${heading}`);
  const section = SPEC.slice(from + 1, SPEC.indexOf('\n#', from + 2) >>> 0);
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The table of §8, by the rule's name. */
export function specRules(): Map<string, SpecRule> {
  return new Map(rows('## 8.').map(([rule = '', , ends = '', code = '']) => [rule, { rule, ends, code }]));
}

/** The table of §2.1: a frame type's name and number. */
export function specTypes(): Record<string, number> {
  return Object.fromEntries(rows('### 2.1').map(([type = '', name = '']) => [name, Number(type)]));
}

/** The numbers of the headings, `2` and `2.1`. */
export function specSections(): Set<string> {
  return new Set([...SPEC.matchAll(/^##+ (\d+(?:\.\d+)?)/gm)].map(([, number = '']) => number));
}
