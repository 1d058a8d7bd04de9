import type { DrainReport } from '@culvert/contracts';
import type { Holder } from '../types.ts';
import type { Look, Unmet } from './step.ts';

const MAX_HOLDERS = 20;

/** `one`, `what`: what holds it, one of them and several. */
const WORDS: Readonly<Record<Holder['reason'], { code: string; one: string; what: string; endsWhen: string }>> = {
  direct: {
    code: 'direct_connections',
    one: "connection of a browser ends on the worker's own address",
    what: "connections of browsers end on the worker's own address",
    endsWhen: 'they end by themselves, or are forced',
  },
  moving: {
    code: 'moving',
    ...{ one: 'session is moving', what: 'sessions are moving', endsWhen: 'their agents have arrived elsewhere' },
  },
  no_target: {
    code: 'no_target',
    ...{ one: 'session finds no other worker', what: 'sessions find no other worker' },
    endsWhen: 'another worker has room for them',
  },
  busy: {
    code: 'busy_sessions',
    one: 'busy session is waited for',
    what: 'busy sessions are waited for',
    endsWhen: 'their connections end, or are forced',
  },
};

/** Who keeps a worker from being empty, one condition for each kind of reason. */
export function holdersOf({ subject, observation, nowMs, state }: Look, report: DrainReport): Unmet[] {
  const seen = observation.holders[subject];
  const items = seen?.items ?? [];
  if (items.length === 0) {
    const words = report.direct > 0 && report.busy === 0 ? WORDS.direct : wordsOf(state.request.policy);
    const held = Math.max(report.idle + report.busy, report.direct);
    return [{ code: words.code, condition: told(words, held, subject), endsWhen: words.endsWhen, held }];
  }
  const kinds = [...new Set(items.map(({ reason }) => reason))];
  return kinds.map((kind) => {
    const ofKind = items.filter(({ reason }) => reason === kind);
    const held = Math.max(count(kind, kinds.length === 1, report), distinct(ofKind));
    const holders = ofKind
      .toSorted((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, MAX_HOLDERS)
      .map((holder) => ({
        ...{ session: holder.session, tenant: holder.tenant, name: holder.name },
        ...{ connection: holder.connection, target: holder.target, ageMs: Math.max(0, nowMs - holder.sinceMs) },
        lastByteAgoMs: holder.lastByteMs === null ? null : Math.max(0, nowMs - holder.lastByteMs),
        bytesPerSecond: holder.bytesPerSecond === null ? null : Math.round(holder.bytesPerSecond),
      }));
    const words = WORDS[kind];
    return { code: words.code, condition: told(words, held, subject), endsWhen: words.endsWhen, holders, held };
  });
}

const wordsOf = (policy: 'move' | 'wait') => (policy === 'move' ? WORDS.moving : WORDS.busy);

/** As the worker has counted them: who is named are 20 at most, and a busy session has several connections. */
function count(kind: Holder['reason'], alone: boolean, { idle, busy, direct }: DrainReport): number {
  if (kind === 'direct') return direct;
  if (kind === 'busy') return busy;
  return alone ? idle + busy : 0;
}

function distinct(holders: readonly Holder[]): number {
  return new Set(holders.map(({ session, connection, reason }) => (reason === 'direct' ? connection : session))).size;
}

function told({ one, what }: { one: string; what: string }, held: number, subject: string): string {
  return `${held} ${held === 1 ? one : what} (${subject})`;
}
