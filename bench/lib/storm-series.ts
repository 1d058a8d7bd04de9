import type { CrowdResult } from './storm-protocol.ts';

/** Width of what is counted together, ms. */
export const BUCKET_MS = 100;

/** What all crowds saw, by time since the workers died. */
export interface StormSeries {
  /** Claims in each bucket. */
  readonly claims: readonly number[];
  /** Sessions of the workers that live, at the end of each bucket. */
  readonly load: readonly { readonly least: number; readonly mean: number; readonly most: number }[];
  /** The most claims of any one worker in any bucket. */
  readonly peakOfOne: number;
  /** Time of each claim, rising, ms. */
  readonly times: readonly number[];
}

/** `base`: sessions of each worker before; the first `dead` workers do not count. */
export function seriesOf(
  results: readonly Pick<CrowdResult, 'claimTimes' | 'claimWorkers'>[],
  { workers, dead, base }: { readonly workers: number; readonly dead: number; readonly base: number },
): StormSeries {
  const events = results
    .flatMap(({ claimTimes, claimWorkers }) => claimTimes.map((ms, i) => ({ ms, worker: claimWorkers[i] ?? 0 })))
    .sort((a, b) => a.ms - b.ms);
  const sessions = Array<number>(workers).fill(base);
  const claims: number[] = [];
  const load: StormSeries['load'][number][] = [];
  let peakOfOne = 0;
  let next = 0;
  while (next < events.length) {
    const endMs = (claims.length + 1) * BUCKET_MS;
    const inBucket = new Map<number, number>();
    let event = events[next];
    while (event !== undefined && event.ms < endMs) {
      sessions[event.worker] = (sessions[event.worker] ?? 0) + 1;
      inBucket.set(event.worker, (inBucket.get(event.worker) ?? 0) + 1);
      next += 1;
      event = events[next];
    }
    claims.push([...inBucket.values()].reduce((sum, count) => sum + count, 0));
    peakOfOne = Math.max(peakOfOne, ...inBucket.values());
    load.push(spreadOf(sessions.slice(dead)));
  }
  return { claims, load, peakOfOne, times: events.map(({ ms }) => ms) };
}

/** Events in each bucket. */
export function bucketed(times: readonly number[]): number[] {
  const buckets: number[] = [];
  for (const ms of times) {
    const at = Math.floor(ms / BUCKET_MS);
    while (buckets.length <= at) buckets.push(0);
    buckets[at] = (buckets[at] ?? 0) + 1;
  }
  return buckets;
}

/** The value below which `share` of the rising values are. */
export function quantile(rising: readonly number[], share: number): number {
  return rising[Math.min(rising.length - 1, Math.floor(rising.length * share))] ?? Number.NaN;
}

function spreadOf(loads: readonly number[]): StormSeries['load'][number] {
  const mean = loads.reduce((sum, count) => sum + count, 0) / loads.length;
  return { least: Math.min(...loads), mean, most: Math.max(...loads) };
}
