import type { NodeInfo } from '@culvert/registry';
import { benchNode } from './registry-data.ts';

/** What all processes of one storm have to agree on. */
export interface StormSetup {
  readonly url: string;
  readonly agents: number;
  readonly workers: number;
  /** Workers that die: those with the lowest numbers. */
  readonly dead: number;
  /** Sessions that a worker takes at most. */
  readonly capacity: number;
  /** Agents per second that a worker admits. */
  readonly admissionRate: number;
  /** Processes that the agents are spread over; each has an API of its own. */
  readonly crowds: number;
  /** Requests per second that one API process answers. */
  readonly apiRate: number;
  readonly seed: number;
  /** The storm ends after this, settled or not, ms. */
  readonly deadlineMs: number;
}

export type CrowdJob =
  /** Puts the sessions of its workers into Redis; answered with how many. */
  | { readonly kind: 'fill' }
  /** Starts its agents, each linked to its worker; answered with how many. */
  | { readonly kind: 'start' }
  /** The workers die now; answered once every agent has another one, or at the deadline. */
  | { readonly kind: 'storm' }
  /** Ends all agents. */
  | { readonly kind: 'stop' };

/** What one crowd saw. Times are ms since the workers died. */
export interface CrowdResult {
  readonly agents: number;
  readonly settled: number;
  /** Claims that were granted: when, and to which worker. */
  readonly claimTimes: number[];
  readonly claimWorkers: number[];
  readonly reserveTimes: number[];
  /** What agents were refused with, by code; and how often with a Retry-After. */
  readonly refusals: Record<string, number>;
  readonly retryAfters: number;
  readonly slots: { readonly given: number; readonly latestMs: number };
}

export type CrowdAnswer = number | CrowdResult;

export function stormNode(setup: StormSetup, worker: number): NodeInfo {
  return benchNode(worker, setup);
}

export function sessionsPerWorker({ agents, workers }: StormSetup): number {
  return Math.floor(agents / workers);
}

/** Numbers of the sessions that a worker has before the storm. */
export function sessionsOf(setup: StormSetup, worker: number): number[] {
  const each = sessionsPerWorker(setup);
  return Array.from({ length: each }, (_, i) => worker * each + i);
}
