import type { FailureRehearsal, SloRecovery } from '@culvert/contracts';

/** What rehearsals showed, by failure: how long until everything worked again, and what was lost for good. */
export function recoveryOf(rehearsals: readonly FailureRehearsal[]): SloRecovery[] {
  const byFailure = Map.groupBy(rehearsals, ({ failure }) => failure);
  return [...byFailure]
    .map(([failure, all]) => summarize(failure, all))
    .sort((one, other) => one.failure.localeCompare(other.failure, 'en'));
}

function summarize(failure: string, all: readonly FailureRehearsal[]): SloRecovery {
  const last = all.reduce((one, other) => (Date.parse(other.at) > Date.parse(one.at) ? other : one));
  const times = all.map(({ rtoMs }) => rtoMs);
  return {
    failure,
    rehearsals: all.length,
    lastAt: last.at,
    lastRtoMs: last.rtoMs,
    worstRtoMs: times.includes(null) ? null : Math.max(...times.map((ms) => ms ?? 0)),
    lostConnections: Math.max(...all.map(({ rpo }) => rpo.lostConnections)),
    lostSessions: Math.max(...all.map(({ rpo }) => rpo.lostSessions)),
  };
}
