import { CulvertError, type ErrorCode } from '@culvert/base';
import type { AgentEnd } from './events.ts';

/** Codes by which the cluster refuses the key itself. */
const KEY_CODES: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'key_expired', 'key_revoked', 'forbidden']);

/** Codes of an API answer that no retry can change. */
const FINAL_API_CODES: ReadonlySet<ErrorCode> = new Set([
  ...KEY_CODES,
  'invalid_request',
  'superseded',
  'session_closed',
]);

export function isFinalApiCode(code: ErrorCode): boolean {
  return FINAL_API_CODES.has(code);
}

/** The end that a final answer of the cluster means for the agent. */
export function endOf({ code, message }: { readonly code: ErrorCode; readonly message: string }): AgentEnd {
  if (KEY_CODES.has(code)) return { outcome: 'key_refused', code, message };
  if (code === 'invalid_request') return { outcome: 'rejected', code, message };
  return { outcome: 'session_ended', code, message };
}

/** What `ready` rejects with when the agent ended before its session could serve. */
export class AgentEnded extends CulvertError {
  readonly end: AgentEnd;

  constructor(end: AgentEnd) {
    if (end.outcome === 'stopped') super('shutting_down', 'the agent was closed before it was connected');
    else super(end.code, end.message);
    this.end = end;
  }
}
