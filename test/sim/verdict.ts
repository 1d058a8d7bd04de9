import type { ErrorCode } from '@culvert/base';
import type { Record } from './ledger.ts';

/** What excuses the end of a connection. */
export interface Circumstances {
  /** Something was wrong while it was being opened. */
  readonly troubled: boolean;
  /** Its agent was cut off for longer than the resume window, or replaced by another one. */
  readonly excuse: 'cut off' | 'contested' | undefined;
}

/** What an open may honestly be answered while something is wrong. */
const OPEN_FAILURES = new Set<ErrorCode>(['session_offline', 'target_timeout', 'registry_unavailable', 'recovering']);

/** What is wrong with how a connection ended; undefined when nothing is. */
export function verdictOn(record: Record, circumstances: Circumstances): string | undefined {
  if (record.orphaned) return undefined;
  if (record.refused !== undefined) return verdictOnRefusal(record, record.refused.code, circumstances);
  const { browserEnding: browser, targetEnding: target, plan } = record;
  if (browser === undefined || target === undefined) return 'it has no end';
  const codes = `for the browser: ${browser.code ?? 'end'}, for the target: ${target.code ?? 'end'}`;
  const expired = browser.code === 'resume_expired' || target.code === 'resume_expired';
  if (circumstances.excuse === 'cut off' && expired) return undefined;
  if (circumstances.excuse === 'contested' && (browser.code !== undefined || target.code !== undefined))
    return undefined;
  if (browser.own) {
    // A reset that is lost with its path is told by nobody; the resume window reaps what waits for it.
    if (target.code === 'aborted' || target.code === 'resume_expired') return undefined;
    return target.code === undefined && record.target?.sawEnd ? undefined : codes;
  }
  if (target.own) return browser.code === 'target_reset' ? undefined : codes;
  if (browser.code !== undefined || target.code !== undefined) return `it was lost: ${codes}`;
  if (plan.shape === 'target resets') return codes;
  // Both agents dialed for it, each a target of its own; the record has the one that answered last.
  if (circumstances.excuse === 'contested' && record.accepted > 1) return undefined;
  return verdictOnBytes(record);
}

function verdictOnRefusal({ plan }: Record, code: ErrorCode, { troubled, excuse }: Circumstances): string | undefined {
  if (plan.abortAfterMs !== undefined && code === 'cancelled') return undefined;
  if ('refuses' in plan.target && plan.target.refuses === code) return undefined;
  if (excuse === 'contested' || (troubled && OPEN_FAILURES.has(code))) return undefined;
  return `its open was refused: ${code}`;
}

function verdictOnBytes({ browser, target }: Record): string | undefined {
  if (browser === undefined || target === undefined) return 'it ended without its ends';
  if (browser.received !== target.sent)
    return `the target sent ${target.sent} bytes, the browser received ${browser.received}`;
  if (target.received !== browser.sent)
    return `the browser sent ${browser.sent} bytes, the target received ${target.received}`;
  if (!browser.sawEnd || !target.sawEnd) return 'it ended before both ends were seen';
  return undefined;
}
