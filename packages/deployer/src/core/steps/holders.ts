import type { DrainReport } from '@culvert/contracts';
import type { Holder } from '../types.ts';
import type { Look, Unmet } from './step.ts';

const MAX_HOLDERS = 20;

const WORDS: Readonly<Record<Holder['reason'], { code: string; what: string; endsWhen: string }>> = {
  direct: {
    code: 'direct_connections',
    what: "connections of browsers end on the worker's own address",
    endsWhen: 'they end by themselves, or are forced',
  },
  moving: { code: 'moving', what: 'sessions are moving', endsWhen: 'their agents have arrived elsewhere' },
  no_target: { code: 'no_target', what: 'sessions find no other worker', endsWhen: 'another worker has room for them' },
  busy: {
    code: 'busy_sessions',
    what: 'busy sessions are waited for',
    endsWhen: 'their connections end, or are forced',
  },
};

/** Who keeps a worker from being empty, one condition for each kind of reason. */
export function holdersOf({ subject, observation, nowMs, state }: Look, report: DrainReport): Unmet[] {
  const seen = observation.holders[subject];
  const items = seen?.items ?? [];
  if (items.length === 0) {
    const { what, endsWhen, code } =
      report.direct > 0 && report.busy === 0 ? WORDS.direct : wordsOf(state.request.policy);
    const held = Math.max(report.idle + report.busy, report.direct);
    return [{ code, condition: `${held} ${what} (${subject})`, endsWhen, held }];
  }
  const kinds = [...new Set(items.map(({ reason }) => reason))];
  return kinds.map((kind) => {
    const ofKind = items.filter(({ reason }) => reason === kind);
    const held = kinds.length === 1 ? Math.max(seen?.total ?? 0, ofKind.length) : ofKind.length;
    const holders = ofKind
      .toSorted((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, MAX_HOLDERS)
      .map((holder) => ({
        ...{ session: holder.session, tenant: holder.tenant, name: holder.name },
        ...{ connection: holder.connection, target: holder.target, ageMs: Math.max(0, nowMs - holder.sinceMs) },
        lastByteAgoMs: holder.lastByteMs === null ? null : Math.max(0, nowMs - holder.lastByteMs),
        bytesPerSecond: holder.bytesPerSecond === null ? null : Math.round(holder.bytesPerSecond),
      }));
    const { code, what, endsWhen } = WORDS[kind];
    return { code, condition: `${held} ${what} (${subject})`, endsWhen, holders, held };
  });
}

const wordsOf = (policy: 'move' | 'wait') => (policy === 'move' ? WORDS.moving : WORDS.busy);
