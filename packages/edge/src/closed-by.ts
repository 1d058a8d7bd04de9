import type { ErrorCode } from '@culvert/base';

/**
 * Who closed a connection, in the words of every process's log: `browser` or `target`: that side ended first, or broke it off;
 * `culvert`: what lies between the two could not go on.
 */
export type ClosedBy = 'browser' | 'target' | 'culvert';

/** Codes of what lies between; neither end has a part in them. */
const BETWEEN: ReadonlySet<string> = new Set<ErrorCode>([
  'resume_expired',
  'unknown_stream',
  'offset_mismatch',
  'flow_control_error',
  'protocol_error',
  'link_lost',
  'link_timeout',
  'session_closed',
  'superseded',
  'key_revoked',
  'shutting_down',
]);

/** Who it was, when the reset with this code came from that side. */
export function closedBy(side: 'browser' | 'target', code: string): ClosedBy {
  return BETWEEN.has(code) ? 'culvert' : side;
}
