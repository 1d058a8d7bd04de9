import type { RedisUse } from './registry-info.ts';
import type { CrowdResult, StormSetup } from './storm-protocol.ts';
import { BUCKET_MS, bucketed, quantile, type StormSeries } from './storm-series.ts';

const SPREAD_GOAL = 1.3;

export interface StormOutcome {
  readonly setup: StormSetup;
  readonly hearers: number;
  readonly results: readonly CrowdResult[];
  readonly series: StormSeries;
  /** Sessions of each worker that lives, as Redis has them. */
  readonly loads: readonly number[];
  /** What Redis used until all were settled. */
  readonly use: RedisUse;
}

/** The storm's section of RESULTS.md. */
export function reportStorm({ setup, hearers, results, series, loads, use }: StormOutcome): string {
  const sum = (figure: (result: CrowdResult) => number): number =>
    results.reduce((total, result) => total + figure(result), 0);
  const rising = loads.toSorted((a, b) => a - b);
  const mean = rising.reduce((total, load) => total + load, 0) / rising.length;
  const most = (rising.at(-1) ?? 0) / mean;
  const reserves = bucketed(results.flatMap(({ reserveTimes }) => reserveTimes));
  const perSecond = 1_000 / BUCKET_MS;
  const lastMs = series.times.at(-1) ?? 0;
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const goal = `≤ ${SPREAD_GOAL}: ${most <= SPREAD_GOAL ? 'reached' : 'missed'}`;
  const agents = sum((result) => result.agents);
  const row = (name: string, figure: string, verdict = ''): string => `| ${name} | ${figure} | ${verdict} |`;
  return [
    `## ${count(setup.agents)} agents on ${setup.workers} workers, of which ${setup.dead} die at once`,
    '',
    '| | figure | to reach |',
    '|---|---|---|',
    row('agents that lost their worker, and have another one', `${count(agents)}, ${count(sum((r) => r.settled))}`),
    row(
      'half of them, 99 %, all of them are settled after',
      [0.5, 0.99, 1].map((share) => seconds(quantile(series.times, share))).join(', '),
    ),
    row('load of the fullest worker, against the mean', most.toFixed(3), goal),
    row(
      'load of the 99th percentile, of the emptiest, against the mean',
      `${(quantile(rising, 0.99) / mean).toFixed(3)}, ${((rising[0] ?? 0) / mean).toFixed(3)}`,
    ),
    row(
      `claims in the busiest ${BUCKET_MS} ms: in all, on one worker`,
      `${count(Math.max(0, ...series.claims))}, ${series.peakOfOne}`,
    ),
    row(
      'reservations asked for: in all, in the busiest second',
      `${count(sum((r) => r.reserveTimes.length))}, ${count(busiestSecond(reserves, perSecond))}`,
    ),
    row(
      'agents that were given a later slot; the latest',
      `${count(sum((r) => r.slots.given))}; ${seconds(Math.max(...results.map((r) => r.slots.latestMs)))}`,
    ),
    row('refusals, by code', refusals(results)),
    row('refusals with a Retry-After', count(sum((r) => r.retryAfters))),
    row(
      "Redis's CPU time; share of the time",
      `${seconds(use.cpuUs / 1_000)}; ${((use.cpuUs / 1_000 / lastMs) * 100).toFixed(0)} %`,
    ),
    '',
    `${setup.crowds} API processes of ${count(setup.apiRate)} requests a second each; ${hearers} gateways and APIs that hear each hint, ${setup.workers} workers that hear their own; seed ${setup.seed}.`,
    '',
  ].join('\n');
}

function busiestSecond(buckets: readonly number[], width: number): number {
  let most = 0;
  for (let at = 0; at < buckets.length; at += 1) {
    const inOne = buckets.slice(at, at + width).reduce((total, some) => total + some, 0);
    most = Math.max(most, inOne);
  }
  return most;
}

function refusals(results: readonly CrowdResult[]): string {
  const all = new Map<string, number>();
  for (const { refusals: some } of results) {
    for (const [code, times] of Object.entries(some)) all.set(code, (all.get(code) ?? 0) + times);
  }
  const texts = [...all].sort((a, b) => b[1] - a[1]).map(([code, times]) => `${count(times)} \`${code}\``);
  return texts.length === 0 ? 'none' : texts.join(', ');
}

export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
