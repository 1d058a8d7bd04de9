import { CulvertError } from '@culvert/base';

/**
 * Reads slots as series_write.lua writes them: by step, the mean of each value, null where no sample told it. Means of what is
 * counted in whole are rounded. Throws `internal` for a text of another form.
 */
export function parseSamples(texts: readonly string[], values: number): ReadonlyMap<number, (number | null)[]> {
  return new Map(texts.map((text) => parseSlot(text, values)));
}

function parseSlot(text: string, values: number): [number, (number | null)[]] {
  const numbers = text.split(' ').map(Number);
  if (numbers.length !== 1 + 2 * values || !numbers.every(Number.isSafeInteger)) {
    throw new CulvertError('internal', 'unexpected data in Redis: a sample of a series is not of whole numbers');
  }
  const [step = 0, ...pairs] = numbers;
  const means = Array.from({ length: values }, (_, place) => mean(pairs[place * 2] ?? 0, pairs[place * 2 + 1] ?? 0));
  return [step, means];
}

function mean(count: number, sum: number): number | null {
  return count === 0 ? null : Math.round(sum / count);
}
