/** A piece of a line; its colour is put on once it is known how much of it fits. */
export interface Span {
  readonly text: string;
  readonly paint?: (text: string) => string;
}
export type Line = readonly Span[];

export function plain(text: string): Line {
  return [{ text }];
}

/** What others wrote must neither move the cursor nor colour the text. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '·');
}

/**
 * At most `width` columns of the line, in colour, and with `…` at the end of one that was longer: a line that wraps would
 * leave its second half behind when it is drawn again. Every code point counts as one column.
 */
export function rendered(line: Line, width: number): string {
  const fits = line.reduce((sum, { text }) => sum + columns(text), 0) <= width;
  let left = fits ? width : width - 1;
  const parts: string[] = [];
  for (const { text, paint } of line) {
    const shown = printable([...text].slice(0, left).join(''));
    left -= columns(shown);
    if (shown !== '') parts.push(paint ? paint(shown) : shown);
    if (left <= 0) break;
  }
  return `${parts.join('')}${fits || width < 1 ? '' : '…'}`;
}

export function columns(text: string): number {
  return [...text].length;
}
