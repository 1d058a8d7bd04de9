import type { ClassedTime, SloName, SloReport, SloStanding } from '@culvert/contracts';
import { count, counted } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import type { Tone } from '../../format/tone.ts';

/** What is bad, in the words of each objective. */
const BAD: Readonly<Record<SloName, string>> = {
  connection_success: 'connections that did not open',
  session_availability: 'time in which sessions could not be used',
  setup: 'connections that opened slowly',
  lost_connections: 'connections that broke off',
};

export const NO_DATA = 'no data';

/** `99.95 %`, cut and not rounded: what is not all does not look like all. */
export function share(value: number | null, digits = 4): string {
  if (value === null) return NO_DATA;
  const scale = 10 ** digits;
  // The product of a share such as 0.9999 may fall short of a whole number by the last bit.
  const cut = Math.floor(value * 100 * scale + 1e-6) / scale;
  return `${Number(cut.toFixed(digits))} %`;
}

/** `0.7×`, `14×`: times as fast as the budget would allow. */
export function burn(rate: number | null): string {
  if (rate === null) return NO_DATA;
  return `${rate < 10 ? rate.toFixed(1) : count(rate)}×`;
}

export function burnTone(rate: number | null): Tone {
  if (rate === null || rate < 1) return 'neutral';
  return rate < 6 ? 'warn' : 'bad';
}

/** `50 % left: 50 of 100 connections that did not open are spent` */
export function budgetWords(name: SloName, { budget: { allowed, spent, remaining } }: SloStanding): string {
  if (remaining === null) return NO_DATA;
  const amounts = `${amount(name, spent)} of ${amount(name, allowed)} allowed`;
  if (remaining >= 0) return `${share(remaining, 0)} of the budget left: ${amounts}`;
  return `overspent: ${amounts}, ${(spent / allowed).toFixed(1)} times the budget`;
}

export function badWords(name: SloName): string {
  return BAD[name];
}

/** How much of the bar is full: 0 to 1. */
export function budgetLeft({ budget: { remaining } }: SloStanding): number {
  return Math.max(0, Math.min(1, remaining ?? 0));
}

export function budgetTone({ budget: { remaining } }: SloStanding): Tone {
  if (remaining === null) return 'neutral';
  if (remaining <= 0) return 'bad';
  return remaining < 0.25 ? 'warn' : 'good';
}

/** A percentile that is known by classes: `20 ms (10 ms to 20 ms)`. */
export function classed(time: ClassedTime | null): string {
  if (time === null) return NO_DATA;
  const { ms, fromMs, toMs } = time;
  return toMs === null ? `over ${duration(fromMs)}` : `${duration(ms)} (${duration(fromMs)} to ${duration(toMs)})`;
}

/** Of how many the share is: little traffic proves little. */
export function totalWords(name: SloName, { total }: SloStanding): string {
  return `of ${name === 'session_availability' ? `${duration(total)} of sessions` : counted(total, 'connection')}`;
}

/** Above what is counted: is there a verdict on each source, and do they agree? */
export function verdict({ objectives }: SloReport): { tone: Tone; words: string } {
  const of = (source: 'real' | 'synthetic') => objectives.filter((one) => one[source].met === false).length;
  const known = objectives.some(({ real, synthetic }) => real.met !== null || synthetic.met !== null);
  if (!known) return { tone: 'neutral', words: 'Nothing was counted in this time.' };
  const [real, synthetic] = [of('real'), of('synthetic')];
  if (real === 0 && synthetic === 0) return { tone: 'good', words: 'Every objective of which there is data is met.' };
  const missed = `missed: ${real} of customers’ traffic, ${synthetic} of probes`;
  return { tone: real > 0 ? 'bad' : 'warn', words: `Of ${objectives.length} objectives are ${missed}.` };
}

function amount(name: SloName, value: number): string {
  if (name === 'session_availability') return duration(value);
  if (value > 0 && value < 1) return 'less than 1';
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : count(value);
}
