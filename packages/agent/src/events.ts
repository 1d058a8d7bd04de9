import type { ErrorCode } from '@culvert/base';
import type { StreamKind } from '@culvert/mux';

/** What a session offers to browsers. */
export interface SessionInfo {
  readonly sessionId: string;
  /** The full proxy URL, with credentials: treat it as a secret. */
  readonly proxy: string;
  /** Where the session's PAC file is. */
  readonly pac: string;
}

/** What an agent tells of itself. `event` is a stable name; a line of `culvert connect --json` is one of these. */
export type AgentEvent =
  | ({ readonly event: 'session.open' } & SessionInfo)
  | { readonly event: 'link.up'; readonly sessionId: string; readonly node: string; readonly epoch: number }
  /** The link is gone; the next attempt starts in `retryInMs`, or never when it is null. */
  | {
      readonly event: 'link.down';
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryInMs: number | null;
    }
  /** The worker asked the agent to move; what is open goes on meanwhile. */
  | { readonly event: 'link.leaving'; readonly node: string; readonly code: ErrorCode; readonly message: string }
  /** A second worker stands by, to take the session over when the first is lost. */
  | { readonly event: 'standby.up'; readonly node: string }
  /** It stands by no more; another one is looked for. */
  | { readonly event: 'standby.down'; readonly node: string; readonly code: ErrorCode; readonly message: string }
  /** An attempt to get a link failed; the next one starts in `retryInMs`. */
  | {
      readonly event: 'retrying';
      readonly code: ErrorCode;
      readonly message: string;
      readonly attempt: number;
      readonly retryInMs: number;
    }
  | ({ readonly event: 'connection.open' } & ConnectionInfo & { readonly address: string })
  | ({ readonly event: 'connection.refused' } & ConnectionInfo & { readonly code: ErrorCode; readonly message: string })
  /** Its path is gone; it waits to be resumed, and goes on as far as its windows reach. */
  | ({ readonly event: 'connection.detach' } & ConnectionInfo)
  /** It goes on over another path, `gapMs` after it lost the one before: 0 when it had that one to the end. */
  | ({ readonly event: 'connection.resume' } & ConnectionInfo & {
        readonly gapMs: number;
        readonly replayedBytes: number;
      })
  | ({ readonly event: 'connection.close' } & ConnectionInfo & {
        readonly bytesToTarget: number;
        readonly bytesFromTarget: number;
        readonly durationMs: number;
        readonly closedBy: ClosedBy;
        /** `end`: in good order; else the code with which it was broken off. */
        readonly reason: 'end' | ErrorCode;
      })
  /** The agent has ended and will not come back. */
  | ({ readonly event: 'closed' } & AgentEnd);

export interface ConnectionInfo {
  readonly connectionId: string;
  readonly kind: StreamKind;
  /** `host:port`, as the edge asked for it. */
  readonly target: string;
}

/**
 * Who closed a connection: in good order, who ended its direction first; else who broke it off. `agent`: this process,
 * because it stops, the session is over, the edge broke a rule, or nobody resumed the connection in time.
 */
export type ClosedBy = 'edge' | 'target' | 'agent';

/** Why an agent ended. */
export type AgentEnd =
  /** Its owner closed it. */
  | { readonly outcome: 'stopped' }
  /** The cluster does not accept the key. */
  | { readonly outcome: 'key_refused'; readonly code: ErrorCode; readonly message: string }
  /** The cluster ended the session for good: superseded by a newer agent, or closed. */
  | { readonly outcome: 'session_ended'; readonly code: ErrorCode; readonly message: string }
  /** The cluster does not accept the request itself, a malformed name for one: retrying cannot help. */
  | { readonly outcome: 'rejected'; readonly code: ErrorCode; readonly message: string };

export type AgentListener = (event: AgentEvent) => void;
