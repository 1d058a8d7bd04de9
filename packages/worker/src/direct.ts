import { CulvertError, toCulvertError } from '@culvert/base';
import { type Credentials, type OpenTarget, type Resolver, type Tunnel, withRetryAfter } from '@culvert/edge';
import { openStream } from '@culvert/link';
import { Budget, KEY_BYTES, type Stream, Streams } from '@culvert/mux';
import { type ClusterSecret, identifySession } from '@culvert/service';
import type { Sessions } from './sessions.ts';
import type { EdgeSide } from './switch.ts';

/** The agent's own dial deadline is 10 s; the answer needs the way back. */
const OPEN_DEADLINE_MS = 15_000;
/** Bytes that all windows on the direct address may add up to. */
const BUDGET_BYTES = 268_435_456;

/**
 * The worker's own proxy front ("direct" in the README): an edge in the same process as the switch. Its streams end here, so
 * a drain has to wait for them.
 */
export class DirectEdge implements Resolver {
  readonly #sessions: Sessions;
  readonly #secret: ClusterSecret;
  readonly #streams: Streams;
  readonly #side: EdgeSide;

  constructor(sessions: Sessions, secret: ClusterSecret) {
    this.#sessions = sessions;
    this.#secret = secret;
    this.#side = sessions.switch.attachEdge(
      { send: (frame) => this.#streams.receive(frame), drop: () => undefined, queuedBytesOf: () => 0 },
      null,
    );
    this.#streams = new Streams({
      send: (frame) => this.#side.receive(frame),
      drop: () => undefined,
      nowMs: () => performance.now(),
      budget: new Budget(BUDGET_BYTES),
    });
  }

  /** Connections whose browser holds a socket of this process. */
  get connections(): number {
    return this.#side.connections;
  }

  async resolve(credentials: Credentials): Promise<Tunnel> {
    const { sessionId } = identifySession(this.#secret, credentials);
    const actor = this.#sessions.get(sessionId);
    if (actor === undefined) {
      throw new CulvertError('session_offline', 'the session is not on this worker', {
        fix: 'ask the routing API where it is, or use a gateway',
        retryAfterSeconds: 1,
      });
    }
    return {
      sessionId,
      tenantId: actor.ticket.tenantId,
      open: (target, signal) => this.#open(sessionId, target, signal),
    };
  }

  async #open(sessionId: string, target: OpenTarget, signal: AbortSignal): Promise<Stream> {
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    try {
      return await openStream(this.#streams, { key, sessionId, ...target }, { deadlineMs: OPEN_DEADLINE_MS, signal });
    } catch (thrown) {
      const error = toCulvertError(thrown);
      // For a direct address there is no other owner to ask.
      if (error.code === 'wrong_owner') {
        throw new CulvertError('session_offline', 'the session has left this worker', { retryAfterSeconds: 1 });
      }
      throw withRetryAfter(error);
    }
  }
}
