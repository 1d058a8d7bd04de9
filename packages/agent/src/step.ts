import { type ErrorCode, toCulvertError } from '@culvert/base';
import { LinkRefused } from '@culvert/link';
import type { LinkOffer } from './api.ts';
import type { AgentEnd } from './events.ts';
import { endOf, isFinalApiCode } from './outcomes.ts';
import type { SessionLink } from './session-link.ts';

/** What an attempt to get a link, or the end of one, came to (S2 of supervisor.ts). */
export type Step =
  | { readonly kind: 'linked'; readonly link: SessionLink }
  | {
      readonly kind: 'retry';
      readonly code: ErrorCode;
      readonly message: string;
      /** Least delay, in ms. */
      readonly floorMs: number;
      /** A worker not to be sent to again at once. */
      readonly avoid?: string | undefined;
      /** The session is unknown to the cluster: open it anew. */
      readonly forget?: boolean;
      /** It was a link that ended, not an attempt that failed. */
      readonly linkLost?: boolean;
    }
  | { readonly kind: 'over'; readonly end: AgentEnd };

export function stepOfApiError(thrown: unknown): Step {
  const error = toCulvertError(thrown);
  const { code, message } = error;
  if (isFinalApiCode(code)) return { kind: 'over', end: endOf(error) }; // S5 of supervisor.ts
  const forget = code === 'session_not_found' || code === 'not_found';
  return { kind: 'retry', code, message, floorMs: (error.retryAfterSeconds ?? 0) * 1_000, forget };
}

/**
 * A bad ticket says nothing about the worker, and one that admits no more agents in this moment is a good one later: sent
 * away from it, they would all go to the next. Anything else does.
 */
const BLAMELESS: ReadonlySet<ErrorCode> = new Set(['ticket_invalid', 'ticket_expired', 'overloaded']);

export function stepOfLinkError(thrown: unknown, offer: LinkOffer): Step {
  const error = toCulvertError(thrown, 'link_lost');
  const { code, message } = error;
  if (error instanceof LinkRefused && error.final) return { kind: 'over', end: endOf(error) }; // S5 of supervisor.ts
  const avoid = BLAMELESS.has(code) ? undefined : offer.node;
  return { kind: 'retry', code, message, floorMs: (error.retryAfterSeconds ?? 0) * 1_000, avoid };
}
