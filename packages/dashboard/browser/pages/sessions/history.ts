import type { ClusterEvent } from '@culvert/contracts';

/** Of one session, on its page. */
const MAX_EVENTS = 200;

/** What befell a session: the entries of the history that are its own. */
export type SessionEvent = Extract<ClusterEvent, { type: `session.${string}` }>;

export function isOfSession(event: ClusterEvent, session: string): event is SessionEvent {
  return event.type.startsWith('session.') && 'session' in event && event.session === session;
}

/** Both lists as one, each event once, the newest first. */
export function merged(a: readonly SessionEvent[], b: readonly SessionEvent[]): readonly SessionEvent[] {
  const all = new Map([...a, ...b].map((event) => [event.id, event]));
  return [...all.values()].sort((one, other) => compareIds(other.id, one.id)).slice(0, MAX_EVENTS);
}

/** Ids are two numbers, `<ms>-<number>`. */
export function compareIds(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return aMs - bMs || aNumber - bNumber;
}

/** Of the codes in docs/ERRORS.md, those with which sessions end. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['session_closed', 'an operator or its tenant closed it'],
  ['link_lost', 'the link to its agent was lost, and the agent did not come back in time'],
  ['link_timeout', 'its agent fell silent, and did not come back in time'],
  ['superseded', 'another owner has it, or another agent of its name'],
  ['shutting_down', 'its agent was stopped'],
  ['key_revoked', 'the key of its agent was revoked'],
  ['key_expired', 'the key of its agent has expired'],
]);

/** Why a session was closed, in words where there are some for it. */
export function reasonOf(reason: string): string {
  return REASONS.get(reason) ?? reason.replaceAll('_', ' ');
}

/** The last thing that is known of a session that is gone; undefined: nothing is left of it in the history. */
export function endOf(events: readonly SessionEvent[]): { readonly at: string; readonly why: string } | undefined {
  const closed = events.find(({ type }) => type === 'session.closed');
  if (closed?.type === 'session.closed') return { at: closed.at, why: reasonOf(closed.reason) };
  return undefined;
}
