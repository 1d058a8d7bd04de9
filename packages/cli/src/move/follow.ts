import { CulvertError, sleep } from '@culvert/base';
import type { Session, SessionMove } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { PASSING } from '../passing.ts';

const POLL_MS = 250;

/** `closed`: the session ended before it had moved. `late`: the deadline came first; `failure`: why nothing was seen of late. */
export type MoveEnd =
  | { readonly outcome: 'moved'; readonly node: string }
  | { readonly outcome: 'closed' }
  | { readonly outcome: 'late'; readonly failure: CulvertError | undefined };

export interface FollowMoveOptions {
  /** From now, in ms. */
  readonly deadlineMs: number;
  /** Between two looks, in ms; default 250. */
  readonly pollMs?: number;
}

/** Follows a session until another worker serves it. Rejects with what the API refuses for good, such as a revoked key. */
export async function followMove(
  api: Pick<ApiClient, 'call'>,
  begun: SessionMove,
  { deadlineMs, pollMs = POLL_MS }: FollowMoveOptions,
): Promise<MoveEnd> {
  const late = AbortSignal.timeout(deadlineMs);
  let failure: CulvertError | undefined;
  do {
    try {
      const path = `/sessions/${encodeURIComponent(begun.session)}`;
      const { node, epoch, state } = await api.call<Session>('GET', path, { signal: late });
      failure = undefined;
      // A newer epoch on the same worker is the agent that came back to it: it has still to go.
      const elsewhere = node !== null && node !== begun.node && epoch > begun.epoch;
      if (elsewhere && state !== 'offline') return { outcome: 'moved', node };
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      if (error.code === 'session_not_found') return { outcome: 'closed' };
      if (!PASSING.has(error.code)) throw error;
      failure = error;
    }
    await sleep(pollMs, late);
  } while (!late.aborted);
  return { outcome: 'late', failure };
}
