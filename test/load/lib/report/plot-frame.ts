/** Where a panel is, and what its edges mean; its lower edge is 0. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
  readonly high: number;
  readonly seconds: number;
}

const TICKS = 4;
/** Of a line: more are not seen. */
const MAX_POINTS = 450;

export function axes({ left, right, top, height, high, seconds }: Frame): string {
  const parts: string[] = [];
  for (let i = 0; i <= TICKS; i += 1) {
    const y = top + height - (i / TICKS) * height;
    parts.push(`<path class="grid" d="M${left} ${round(y)}H${right}"/>`);
    parts.push(
      `<text class="small end" x="${left - 8}" y="${round(y + 4)}">${Number(((high * i) / TICKS).toPrecision(3))}</text>`,
    );
  }
  const step = niceAbove(seconds / 10);
  for (let second = 0; second <= seconds + 1e-9; second += step) {
    const x = left + (second / seconds) * (right - left);
    parts.push(
      `<text class="small mid" x="${round(x)}" y="${top + height + 17}">${Number(second.toFixed(1))} s</text>`,
    );
  }
  return parts.join('');
}

/** The path of a line whose points stand for stretches of `bucketMs`; broken where there is no value. */
export function line(frame: Frame, values: readonly (number | null)[], bucketMs: number): string {
  const every = Math.ceil(values.length / MAX_POINTS);
  let pen = 'M';
  let path = '';
  for (let i = 0; i < values.length; i += every) {
    // Of those that share a point the highest: a peak must not be left out.
    const shared = values.slice(i, i + every).filter((value) => value !== null);
    if (shared.length === 0) {
      pen = 'M';
      continue;
    }
    const x = frame.left + (((i + every / 2) * bucketMs) / 1_000 / frame.seconds) * (frame.right - frame.left);
    const y = frame.top + frame.height - (Math.max(...shared) / frame.high) * frame.height;
    path += `${pen}${round(Math.min(frame.right, x))} ${round(y)}`;
    pen = 'L';
  }
  return path;
}

/** The next of 1, 2, 5, 10, 20 … above. */
export function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((some) => some * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

export function round(value: number): string {
  return String(Number(value.toFixed(1)));
}
