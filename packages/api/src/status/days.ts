import type { Objectives, StatusReport, StatusState } from '@culvert/contracts';
import type { SliPoint } from '@culvert/registry';
import { attainment, MIN_BAD, type Share, shareOf } from '@culvert/service';

export type Day = StatusReport['days'][number];

/** Of a day on which this share of everything failed, nobody says that it was merely slow: more than an hour of it. */
const OUTAGE_SHARE = 0.05;

/** One day of UTC. Probes stand in where there was no real traffic. */
export function dayOf({ startMs, real, synthetic }: SliPoint, objectives: Objectives): Day {
  const success = shareOf('connection_success', real, objectives);
  const sessions = shareOf('session_availability', real, objectives);
  const probes = shareOf('connection_success', synthetic, objectives);
  const shares: [Share, number, number][] = [
    [success, objectives.connection_success.target, MIN_BAD],
    [sessions, objectives.session_availability.target, 0],
    ...(success.total > 0 ? [] : [[probes, objectives.connection_success.target, MIN_BAD] as [Share, number, number]]),
  ];
  return {
    day: new Date(startMs).toISOString().slice(0, 10),
    state: stateOf(shares),
    connectionSuccess: attainment(success.total > 0 ? success : probes),
    sessionAvailability: attainment(sessions),
  };
}

function stateOf(shares: readonly (readonly [Share, number, number])[]): StatusState {
  const known = shares.filter(([{ total }]) => total > 0);
  if (known.length === 0) return 'unknown';
  const missed = known.filter(([share, target, minBad]) => {
    return share.total - share.good > minBad && (attainment(share) ?? 1) < target;
  });
  if (missed.some(([share]) => 1 - (attainment(share) ?? 1) >= OUTAGE_SHARE)) return 'outage';
  return missed.length > 0 ? 'degraded' : 'operational';
}
