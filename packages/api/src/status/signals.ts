import type { Objectives, StatusState } from '@culvert/contracts';
import { burnRate, type CountsBySource, MIN_BAD, type Share, shareOf } from '@culvert/service';

/** What one source says of a component; unknown: it has nothing to say. */
export type Signal = StatusState;

/** Nodes that can serve now, by role. */
export interface ReadyNodes {
  readonly workers: number;
  readonly gateways: number;
}

/** Half of what is asked for fails: nobody can call that slow. */
const OUTAGE_SHARE = 0.5;
/** 2 % of a month's budget within an hour (The Site Reliability Workbook, chapter 5). */
const FAST_BURN = 14.4;

/** From what was counted over a long and a short time; both have to be bad, so that it ends when the trouble ends. */
export function signalOf(long: Share, short: Share, target: number): Signal {
  if (short.total === 0 && long.total === 0) return 'unknown';
  const isBad = (share: Share): boolean => (burnRate(share, target) ?? 0) > FAST_BURN;
  const isBroken = ({ good, total }: Share): boolean => total > 0 && 1 - good / total >= OUTAGE_SHARE;
  if (long.total - long.good <= MIN_BAD || !isBad(long) || !isBad(short)) return 'operational';
  return isBroken(short) ? 'outage' : 'degraded';
}

/** Of one source of traffic: what it says of connections, lost ones among them, and of sessions. */
export function trafficSignals(
  long: CountsBySource,
  short: CountsBySource,
  source: 'real' | 'synthetic',
  objectives: Objectives,
): { readonly connections: Signal; readonly sessions: Signal } {
  const of = (name: 'connection_success' | 'lost_connections' | 'session_availability'): Signal =>
    signalOf(
      shareOf(name, long[source], objectives),
      shareOf(name, short[source], objectives),
      objectives[name].target,
    );
  return {
    connections: worst([of('connection_success'), of('lost_connections')]),
    sessions: of('session_availability'),
  };
}

/** Without a node of a role, nothing that needs it can work; that the others do not tell why is no reason to doubt it. */
export function nodeSignals(nodes: ReadyNodes | null): { readonly connections: Signal; readonly sessions: Signal } {
  if (nodes === null) return { connections: 'unknown', sessions: 'unknown' };
  const sessions = nodes.workers > 0 ? 'operational' : 'outage';
  return { connections: nodes.gateways > 0 ? sessions : 'outage', sessions };
}

/**
 * What several sources say together, none of which is believed alone: an outage has a second one that complains, and a
 * complaint that another contradicts counts as less by one step.
 */
export function agree(signals: readonly Signal[]): StatusState {
  const known = signals.filter((signal) => signal !== 'unknown');
  const complaints = known.filter((signal) => signal !== 'operational');
  if (known.length === 0) return 'unknown';
  const isOutage = complaints.includes('outage');
  if (complaints.length >= 2) return isOutage ? 'outage' : 'degraded';
  if (complaints.length === 0) return 'operational';
  const contradicted = known.length > 1;
  return isOutage || !contradicted ? 'degraded' : 'operational';
}

/** One source complains, and was not believed: some customers may see what the others do not. */
export function isDoubted(signals: readonly Signal[]): boolean {
  return agree(signals) === 'operational' && signals.some((signal) => signal === 'degraded');
}

const RANK: Readonly<Record<StatusState, number>> = { unknown: 0, operational: 1, degraded: 2, outage: 3 };

export function worst(states: readonly StatusState[]): StatusState {
  return states.reduce((one, other) => (RANK[other] > RANK[one] ? other : one), 'unknown' as StatusState);
}
