/** Where a value stands: 0 to `width` from the left, 0 to `height` from the top. */
interface Box {
  readonly width: number;
  readonly height: number;
}

/**
 * A line through the values (SVG 2, section 9.3.4), from 0 at the foot to the greatest at the top; a gap where there is none.
 * A value between two gaps is a line of no length, which round caps show as a dot.
 */
export function sparklinePath(values: readonly (number | null)[], { width, height }: Box): string {
  const greatest = Math.max(0, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const place = (value: number, index: number): string =>
    `${round(index * step)} ${round(greatest === 0 ? height : height * (1 - value / greatest))}`;
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) path += drawing ? `L${place(value, index)}` : `M${place(value, index)}h0`;
    drawing = value !== null;
  });
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
