import type { CircuitEnd } from './circuit.ts';

/** What lies between browser and target could not go on: whoever says so. */
const BETWEEN: ReadonlySet<string> = new Set([
  'link_lost',
  'link_timeout',
  'resume_expired',
  'unknown_stream',
  'offset_mismatch',
  'flow_control_error',
  'frame_too_large',
  'protocol_error',
  'internal',
]);

/** What a worker says of itself. Said by an agent or an edge, they mean that one: it stops, and takes what it has with it. */
const OWN_END: ReadonlySet<string> = new Set(['draining', 'shutting_down']);

/** An open connection was lost: neither browser nor target, nor anybody by right of the session, has ended it. */
export function isLoss({ by, reason }: Pick<CircuitEnd, 'by' | 'reason'>): boolean {
  return BETWEEN.has(reason) || (by === 'worker' && OWN_END.has(reason));
}

/** Refusals that are nobody's fault here: the target's, the agent's rules, a limit that somebody set, a browser that gave up. */
const NOT_OURS: ReadonlySet<string> = new Set([
  'target_denied',
  'target_unreachable',
  'target_timeout',
  'target_reset',
  'target_invalid_response',
  'limit_exceeded',
  'cancelled',
  'aborted',
  'bad_request',
]);

/** Refusals that say no more than: ask elsewhere, or in a moment. The edge does, with the same connection. */
const ASK_AGAIN: ReadonlySet<string> = new Set([
  'wrong_owner',
  'session_offline',
  'superseded',
  'session_closed',
  'key_revoked',
  'link_lost',
  'link_timeout',
  'shutting_down',
  'draining',
]);

/** A connection that was asked for was refused for a reason of ours. */
export function isFailure(code: string): boolean {
  return !NOT_OURS.has(code) && !ASK_AGAIN.has(code);
}
