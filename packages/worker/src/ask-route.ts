import type { Socket } from 'node:net';
import { type Clock, sleep } from '@culvert/base';
import { SessionAskBody } from '@culvert/contracts';
import type { Gate } from '@culvert/link';
import type { AdminServer } from '@culvert/service';
import { type Answer, askSession } from './ask.ts';
import type { Sessions } from './sessions.ts';

export interface AskRouteOptions {
  readonly sessions: Sessions;
  /** Redis's clock in ms, as far as this worker knows it. */
  readonly redisNow: () => number | undefined;
  /** Closed while this worker finds out which sessions are still its own. */
  readonly gate: Gate;
  readonly clock: Clock;
}

/** `POST /sessions/:id/ask`: a question to the actor of one session, from any process. */
export function addAskRoute(app: AdminServer['app'], options: AskRouteOptions): void {
  const { redisNow, clock } = options;
  const gate = new SharedWait(options.gate, clock);

  app.post<{ Params: { id: string }; Body: SessionAskBody }>(
    '/sessions/:id/ask',
    { schema: { body: SessionAskBody } },
    async (request): Promise<Answer> => {
      const { question, epoch, withinMs, notAfterMs } = request.body;
      const untilMs = clock.monotonic() + withinMs;
      await gate.opened(withinMs);
      const asker = await stillAsking(request.socket);
      // From here to the answer there is no pause: what was true of the deadline is true of the deed.
      const redisMs = redisNow();
      const late = clock.monotonic() > untilMs || (notAfterMs !== undefined && (redisMs ?? 0) > notAfterMs);
      if (!asker || late || gate.closed) return { outcome: 'late' };
      return askSession(options, request.params.id, epoch, question);
    },
  );
}

/**
 * Whether the asker waits for an answer. Those who give up hang up, which is the only thing to go by when no clock tells
 * (this process was stopped, and Redis is away). A socket that has both the question and its end to tell is read twice: in
 * this turn of the event loop, and in the next.
 */
async function stillAsking(socket: Socket): Promise<boolean> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  return socket.writable;
}

/** All questions that come while the gate is closed wait as one. */
class SharedWait {
  readonly #gate: Gate;
  readonly #clock: Clock;
  #opening: Promise<void> | undefined;

  constructor(gate: Gate, clock: Clock) {
    this.#gate = gate;
    this.#clock = clock;
  }

  get closed(): boolean {
    return this.#opening !== undefined;
  }

  /** Resolves once it is open, or after `ms`. */
  async opened(ms: number): Promise<void> {
    this.#opening ??= this.#pass();
    if (this.#opening === undefined) return;
    const opened = new AbortController();
    await Promise.race([this.#opening, sleep(ms, opened.signal)]);
    opened.abort();
  }

  #pass(): Promise<void> | undefined {
    const { promise, resolve } = Promise.withResolvers<void>();
    const open = this.#gate.pass(this.#clock.monotonic(), () => {
      this.#opening = undefined;
      resolve();
    });
    return open ? undefined : promise;
  }
}
