import { bytes, count, counted, percent, rate } from '../format/quantities.ts';
import { duration } from '../format/times.ts';

/** What the values of a chart are. */
export interface Unit {
  /** A value with its unit. */
  readonly text: (value: number) => string;
  /** On the axis, where the chart's title has said of what. */
  readonly short: (value: number) => string;
  /** A round distance of two lines of the axis: `rough` or a little more. */
  readonly step: (rough: number) => number;
}

/** 1, 2 or 5 times a power of ten, `rough` or more. */
export function roundStep(rough: number): number {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  // What is a hair above, by the arithmetic of floating points, is not above.
  const factor = [1, 2, 5].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Things that are counted: there is nothing between two of them, save in a mean. */
export function countOf(one: string, many?: string): Unit {
  return {
    text: (value) => (Number.isInteger(value) ? counted(value, one, many) : `${value.toFixed(1)} ${many ?? `${one}s`}`),
    short: count,
    step: (rough) => Math.max(1, roundStep(rough)),
  };
}

const decimal = (rough: number): number => Math.max(1, roundStep(rough));

/** `20.0 MB` → `20 MB`: levels of an axis are round. */
const plain = (text: string): string => text.replace('.0 ', ' ');

/** Bytes. */
export const bytesUnit: Unit = { text: bytes, short: (value) => plain(bytes(value)), step: decimal };

/** Bytes a second. */
export const rateUnit: Unit = { text: rate, short: (value) => plain(rate(value)), step: decimal };

/** A share of 1. */
export const shareUnit: Unit = {
  text: (value) => percent(value),
  short: (value) => percent(value),
  step: (rough) => Math.max(1e-4, roundStep(rough)),
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONG_STEPS = [
  10_000,
  20_000,
  30_000,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  20 * MINUTE,
  30 * MINUTE,
  HOUR,
];

/** Milliseconds. */
export const timeUnit: Unit = {
  text: duration,
  short: (value) => plain(duration(value)),
  step: (rough) => {
    if (rough <= 5_000) return Math.max(1, roundStep(rough));
    return LONG_STEPS.find((each) => each >= rough) ?? roundStep(rough / HOUR) * HOUR;
  },
};
