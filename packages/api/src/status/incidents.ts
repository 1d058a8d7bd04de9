import type { Objectives, StatusReport } from '@culvert/contracts';
import type { SliPoint } from '@culvert/registry';
import { attainment, type CountsBySource, MIN_BAD, shareOf } from '@culvert/service';

export type Incident = StatusReport['incidents'][number];
type About = Incident['about'][number];

const MINUTE_MS = 60_000;
/** Bad minutes that are no further apart are one incident. */
const MERGED_MS = 5 * MINUTE_MS;
/** Sessions that cannot be used for less than this, all together, within a minute are a move, not an incident. */
const MIN_UNSERVED_MS = 10_000;
const OUTAGE_SHARE = 0.5;
const MAX_INCIDENTS = 50;

interface BadMinute {
  readonly startMs: number;
  readonly about: readonly About[];
  readonly state: Incident['state'];
}

/** May one of its minutes be bad? A good hour may have one. */
export function isSuspicious({ real, synthetic }: CountsBySource): boolean {
  const broken = ({ failed, lost }: typeof real): boolean => failed > MIN_BAD || lost > MIN_BAD;
  return broken(real) || broken(synthetic) || real.unservedMs > MIN_UNSERVED_MS;
}

/** Minutes in which the objectives were missed, those next to each other merged; the newest first. */
export function incidentsOf(minutes: readonly SliPoint[], objectives: Objectives, nowMs: number): Incident[] {
  const bad = minutes.flatMap((point) => badMinute(point, objectives));
  const groups: BadMinute[][] = [];
  for (const minute of bad.sort((one, other) => one.startMs - other.startMs)) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group !== undefined && last !== undefined && minute.startMs - last.startMs <= MERGED_MS) group.push(minute);
    else groups.push([minute]);
  }
  return groups
    .map((group) => toIncident(group, nowMs))
    .reverse()
    .slice(0, MAX_INCIDENTS);
}

function badMinute(point: SliPoint, objectives: Objectives): BadMinute[] {
  const about = aboutOf(point, objectives);
  if (about.length === 0) return [];
  return [{ startMs: point.startMs, about, state: isOutage(point, objectives) ? 'outage' : 'degraded' }];
}

function aboutOf({ real, synthetic }: CountsBySource, objectives: Objectives): About[] {
  const missed = (name: 'connection_success' | 'lost_connections' | 'session_availability', counts: typeof real) => {
    const share = shareOf(name, counts, objectives);
    const least = name === 'session_availability' ? MIN_UNSERVED_MS : MIN_BAD;
    return share.total - share.good > least && (attainment(share) ?? 1) < objectives[name].target;
  };
  const about: About[] = [];
  if (missed('connection_success', real) || missed('lost_connections', real)) about.push('connections');
  if (missed('session_availability', real)) about.push('sessions');
  if (missed('connection_success', synthetic) || missed('lost_connections', synthetic)) about.push('probes');
  return about;
}

/** Half of all connections fail, of customers and of probes: neither is believed alone. */
function isOutage({ real, synthetic }: CountsBySource, objectives: Objectives): boolean {
  return [real, synthetic].every((counts) => {
    const reached = attainment(shareOf('connection_success', counts, objectives));
    return reached !== null && reached <= 1 - OUTAGE_SHARE;
  });
}

function toIncident(group: readonly BadMinute[], nowMs: number): Incident {
  const starts = group.map(({ startMs }) => startMs);
  const endMs = Math.max(...starts) + MINUTE_MS;
  const about = (['connections', 'sessions', 'probes'] as const).filter((one) =>
    group.some((minute) => minute.about.includes(one)),
  );
  return {
    from: new Date(Math.min(...starts)).toISOString(),
    to: nowMs - endMs < MERGED_MS ? null : new Date(endMs).toISOString(),
    about,
    state: group.some(({ state }) => state === 'outage') ? 'outage' : 'degraded',
  };
}
