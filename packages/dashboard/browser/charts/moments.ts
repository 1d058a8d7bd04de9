import { clock } from '../format/times.ts';

const DAY_MS = 86_400_000;
const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
});

/** A time of a chart in words: `14:03:59`; where the chart is longer than a day, `3 May, 14:00`. */
export function moment(at: number, all: readonly number[]): string {
  const isLong = (all.at(-1) ?? at) - (all[0] ?? at) > DAY_MS;
  return isLong ? DAY_AND_TIME.format(at) : clock(at);
}
