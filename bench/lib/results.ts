import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../RESULTS.md');

/** `text` with what is between the marks of `part` replaced, or put at its end. */
export function withPart(text: string, part: string, content: string): string {
  const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`];
  const block = `${begin}\n${content.trim()}\n${end}`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${block}\n`;
  return `${text.slice(0, from)}${block}${text.slice(to + end.length)}`;
}

/** Puts the sections of one command into RESULTS.md; those of the others stay. */
export function writePart(part: string, content: string): void {
  writeFileSync(FILE, withPart(readFileSync(FILE, 'utf8'), part, content));
}

/** When and where it was measured: the line above the sections of one command. */
export function describeRun(command: string, rounds: string): string {
  return [
    `The last run of \`${command}\`, ${new Date().toISOString().slice(0, 10)}: Node.js ${process.version}, ${cpus().length} cores`,
    `(${cpus()[0]?.model ?? 'unknown'}), ${rounds}.`,
  ].join('\n');
}
