import type { SloCurves, SloName, SloSeries } from '@culvert/contracts';
import type { ChartLimit, ChartSeries } from '../../charts/chart-data.ts';
import { roundStep, type Unit } from '../../charts/units.ts';
import { share } from './slo-words.ts';

/** What is charted, by titles that leave room for the time beside them; the sources of which each is counted. */
const CURVES: readonly { readonly name: SloName; readonly title: string; readonly sources: readonly Source[] }[] = [
  { name: 'connection_success', title: 'Connections opened', sources: ['real', 'synthetic'] },
  { name: 'session_availability', title: 'Sessions usable', sources: ['real'] },
  { name: 'setup', title: 'Opened fast enough', sources: ['real', 'synthetic'] },
  { name: 'lost_connections', title: 'Connections kept', sources: ['real', 'synthetic'] },
];
type Source = 'real' | 'synthetic';

/** A picture has room around its worst value: this many times its distance from all. */
const ROOM = 1.5;
/** Steps that a picture shows at least: the few of a young cluster would stand at the edge of an empty one. */
const FEWEST_STEPS = 10;

/** A share of all that is cut and not rounded: what is not all does not look like all, nor an objective like another one. */
export const attainmentUnit: Unit = {
  text: (value) => share(value),
  short: (value) => share(value),
  step: (rough) => Math.max(1e-6, roundStep(rough)),
};

/** One objective over time. */
export interface Curve {
  readonly name: SloName;
  readonly title: string;
  readonly lines: readonly ChartSeries[];
  readonly limits: readonly ChartLimit[];
  readonly bounds: readonly [number, number];
}

export function curvesOf(series: SloSeries): readonly Curve[] {
  return CURVES.map(({ name, title, sources }) => {
    const lines = sources.map((source) => ({ label: source, values: series[source].attainment[name] }));
    const target = series.targets[name];
    const values = lines.flatMap((line) => line.values);
    return { name, title, lines, limits: [{ label: 'objective', value: target }], bounds: boundsOf(values, target) };
  });
}

/** From a round share below the worst, or below the objective, up to all: from 0 on, three nines and four look the same. */
export function boundsOf(values: readonly (number | null)[], target: number): readonly [number, number] {
  let worst = target;
  for (const value of values) worst = Math.min(worst, value ?? worst);
  const low = Math.max(0, 1 - roundStep((1 - worst) * ROOM));
  return [Number(low.toPrecision(12)), 1];
}

/** How many connections did not open, or broke off, by Culvert's fault. */
export function failuresOf(series: SloSeries, count: 'failed' | 'lost'): readonly ChartSeries[] {
  return (['real', 'synthetic'] as const).map((source) => ({ label: source, values: series[source][count] }));
}

/**
 * What the time axis shows, ms since 1970: from the first step in which something was counted to the end of the last one.
 * undefined: nothing was counted.
 */
export function countedTimes({ at, stepMs, real, synthetic }: SloSeries): readonly [number, number] | undefined {
  const first = at.findIndex((_, step) => isCounted(real, step) || isCounted(synthetic, step));
  const from = at[Math.max(0, Math.min(first, at.length - FEWEST_STEPS))];
  const last = at.at(-1);
  return first < 0 || from === undefined || last === undefined ? undefined : [from, last + stepMs];
}

function isCounted({ opened, failed, lost, attainment }: SloCurves, step: number): boolean {
  const something = (opened[step] ?? 0) + (failed[step] ?? 0) + (lost[step] ?? 0) > 0;
  return something || typeof attainment.session_availability[step] === 'number';
}
