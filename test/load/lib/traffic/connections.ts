import type { ConnectionKind } from '../ledger.ts';
import type { Tags } from '../tags.ts';
import { type Opening, openTunnel } from './connect.ts';
import { Conversation } from './conversation.ts';
import { ConnectionLost, type Line } from './line.ts';
import type { TrafficContext } from './traffic.ts';
import { openWebSocket } from './websocket.ts';

/** What became of a tunnel or a WebSocket. */
export interface ConnectionOutcome {
  /** 200 or 101: it was opened; 0: there was no answer. */
  readonly status: number;
  readonly code: string | undefined;
  readonly error: string;
  /** Why it was lost; undefined: it came to a good end, or was never open. */
  readonly lost: string | undefined;
}

export type ConnectionWork = (conversation: Conversation) => Promise<void>;

const OPENERS: Readonly<Record<'connect' | 'websocket', (context: TrafficContext) => Promise<Opening>>> = {
  connect: openTunnel,
  websocket: openWebSocket,
};

/**
 * Opens a connection, has `work` use it, and ends it in good order. Rejects with `Interrupted`, and with what `work` throws
 * of its own; a connection that is refused or lost is an outcome.
 */
export async function useConnection(
  kind: 'connect' | 'websocket',
  context: TrafficContext,
  work: ConnectionWork,
  more: Tags = {},
): Promise<ConnectionOutcome> {
  const { ledger, clock, dueMs, add } = context;
  const dueAtMs = dueMs();
  ledger.attempted(kind);
  let opening: Opening;
  try {
    opening = await OPENERS[kind](context);
  } catch (error) {
    ledger.interrupted(kind); // the only error that there is
    throw error;
  }
  const { status, code, error, line } = opening;
  const tags = { kind, ...more };
  add('http_reqs', 1, tags);
  add('http_req_failed', line === undefined ? 1 : 0, tags);
  add('http_req_duration', clock.monotonic() - dueAtMs, tags);
  if (line === undefined) {
    if (status === 0) ledger.unanswered(kind, error);
    else ledger.failed(kind, code ?? String(status));
    return { status, code, error, lost: undefined };
  }
  ledger.opened(kind);
  add('connections_opened', 1, tags);
  const lost = await converse(kind, context, line, work, tags);
  return { status, code, error, lost };
}

/** The reason, if it is lost. */
async function converse(
  kind: ConnectionKind,
  context: TrafficContext,
  line: Line,
  work: ConnectionWork,
  tags: Tags,
): Promise<string | undefined> {
  const { ledger, add } = context;
  const conversation = new Conversation(line, context, tags);
  try {
    await work(conversation);
    await conversation.finish();
    ledger.finished(kind);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) {
      ledger.interrupted(kind); // by the end of the run, or by the script
      throw error;
    }
    ledger.lost(kind, error.reason);
    add('connections_lost', 1, { ...tags, reason: error.reason });
    return error.reason;
  } finally {
    if (conversation.gapMs !== undefined) add('connection_gap', conversation.gapMs, tags);
    conversation.close();
  }
}
