import type { ErrorCode } from '@culvert/base';
import type { StreamKind } from '@culvert/mux';

/** Why a connection ended: `end` when both sides finished, else the code of what broke it off. */
export type CloseReason = 'end' | ErrorCode;

/** What the proxy front counts; the process that it runs in turns it into metrics. */
export interface EdgeMetrics {
  connectionOpened(kind: StreamKind): void;
  connectionClosed(kind: StreamKind, reason: CloseReason): void;
  /** A request or a CONNECT was answered with an error of Culvert's own. */
  refused(code: ErrorCode): void;
  /** From the wish to reach a target to an open connection, in ms. */
  setupMs(kind: StreamKind, ms: number): void;
}

export const noMetrics: EdgeMetrics = {
  connectionOpened: () => undefined,
  connectionClosed: () => undefined,
  refused: () => undefined,
  setupMs: () => undefined,
};
