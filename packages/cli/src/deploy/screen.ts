import type { Output } from '../output.ts';
import { columns, type Line, rendered } from './line.ts';

/** A terminal that lines can be drawn on again. */
export interface Terminal extends Output {
  readonly isTTY: true;
  readonly columns: number;
  readonly rows: number;
}

const ESC = '\u001b[';
/** Between these two the terminal shows nothing half-drawn; those that don't know them skip them. */
const [BEGIN, END] = [`${ESC}?2026h`, `${ESC}?2026l`];
const [HIDE_CURSOR, SHOW_CURSOR] = [`${ESC}?25l`, `${ESC}?25h`];
const [REST_OF_LINE, REST_OF_SCREEN] = [`${ESC}K`, `${ESC}J`];

/** null: nobody sits there, or a terminal that can do nothing, and output can only grow. */
export function terminalOf(output: Output, env: NodeJS.ProcessEnv = process.env): Terminal | null {
  return isTerminal(output) && env.TERM !== 'dumb' ? output : null;
}

function isTerminal(output: Output & Partial<Terminal>): output is Terminal {
  return output.isTTY === true && (output.columns ?? 0) > 0 && (output.rows ?? 0) > 0;
}

/** Draws the same few lines again in their place. What stood above them stays; the last drawing stays at the end. */
export class Screen {
  readonly #to: Terminal;
  #drawn: readonly Line[] = [];
  #text = '';
  #width = 0;

  constructor(to: Terminal) {
    this.#to = to;
    to.write(HIDE_CURSOR);
  }

  draw(lines: readonly Line[]): void {
    const width = this.#to.columns;
    const text = lines.map((line) => `${rendered(line, width)}${REST_OF_LINE}\n`).join('');
    if (text === this.#text) return;
    // A terminal that has become narrower has wrapped what was drawn: it stands on more rows by now.
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line, this.#width) / width)), 0);
    const up = rows === 0 ? '' : `${ESC}${rows}A\r`;
    this.#to.write(`${BEGIN}${up}${text}${REST_OF_SCREEN}${END}`);
    this.#text = text;
    this.#drawn = lines;
    this.#width = width;
  }

  end(): void {
    this.#to.write(SHOW_CURSOR);
  }
}

/** As it was drawn: cut at the width of then. */
function widthOf(line: Line, width: number): number {
  return Math.min(
    width,
    line.reduce((sum, { text }) => sum + columns(text), 0),
  );
}
