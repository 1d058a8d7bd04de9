import { Backoff, type Clock, type ErrorCode, type Logger, systemClock, toCulvertError } from '@culvert/base';
import type { Link } from '@culvert/link';
import { Deadlines, RESUME_WINDOW_MS, type Reason, type StreamEnd } from '@culvert/mux';
import type { FindRoute } from './routed-tunnel.ts';
import type { WorkerAddress } from './worker-links.ts';

/** What the way back of connections came to, for metrics. */
export interface ReattachMetrics {
  /** A connection goes on: how long it had no path, ms, and how many bytes this side sent again. */
  resumed(gapMs: number, replayedBytes: number): void;
  /** A connection could not go on. */
  lost(reason: ErrorCode): void;
}

export const noReattachMetrics: ReattachMetrics = { resumed: () => undefined, lost: () => undefined };

export interface ReattacherOptions {
  readonly links: { linkTo(worker: WorkerAddress): Promise<Pick<Link, 'resume'>> };
  readonly findRoute: FindRoute;
  /** How long a connection may be without a path, ms. */
  readonly resumeWindowMs?: number;
  readonly logger: Logger;
  readonly metrics?: ReattachMetrics;
  readonly clock?: Clock;
  readonly random?: () => number;
}

type Settings = ReattacherOptions & {
  readonly clock: Clock;
  readonly metrics: ReattachMetrics;
  readonly resumeWindowMs: number;
};

/** Pauses between two looks for the owner: short, because browsers wait; a hint about the session ends one at once. */
const BACKOFF = { firstMs: 40, maxMs: 1_000 };
/** No two looks for one session follow each other faster, whatever the dice say. ms. */
const FLOOR_MS = 10;
/** For the agent's answer to a RESUME, ms. */
const ANSWER_MS = 5_000;

/** Answers that end a connection; anything else means: not there, not now. */
const TERMINAL = new Set<ErrorCode>([
  'unknown_stream',
  'offset_mismatch',
  'flow_control_error',
  'target_reset',
  'target_timeout',
  'target_unreachable',
  'aborted',
  'cancelled',
  'protocol_error',
  'resume_expired',
  'session_closed',
  'superseded',
  'key_revoked',
]);

/**
 * Brings connections that have lost their path back over the session's owner, wherever that is now (SPEC §6). One search
 * per session; it goes on until all of its streams are attached, over, or their window is.
 */
export class Reattacher {
  readonly #options: Settings;
  readonly #searches = new Map<string, Search>();
  #closed = false;

  constructor(options: ReattacherOptions) {
    this.#options = {
      clock: systemClock,
      metrics: noReattachMetrics,
      resumeWindowMs: RESUME_WINDOW_MS,
      ...options,
    };
  }

  /** Connections without a path now. */
  get detached(): number {
    let sum = 0;
    for (const search of this.#searches.values()) sum += search.size;
    return sum;
  }

  /** A stream has lost its path. */
  take(stream: StreamEnd, why: Reason): void {
    const { sessionId, connectionId } = stream.request;
    const { logger } = this.#options;
    const fields = { session_id: sessionId, connection_id: connectionId };
    logger.info(
      { event: 'connection.detach', ...fields, reason: why.code },
      `connection lost its path: ${why.message}`,
    );
    if (this.#closed) {
      stream.breakOff('shutting_down', 'the process is stopping');
      return;
    }
    let search = this.#searches.get(sessionId);
    if (search === undefined) {
      search = new Search(sessionId, this.#options, () => this.#searches.delete(sessionId));
      this.#searches.set(sessionId, search);
    }
    search.add(stream);
  }

  /** Something has changed about the session: look now. */
  hint(sessionId: string): void {
    this.#searches.get(sessionId)?.lookNow();
  }

  /** Ends what waits. */
  close(): void {
    this.#closed = true;
    for (const search of [...this.#searches.values()]) search.giveUp('shutting_down', 'the process is stopping');
  }
}

/** The streams of one session that have no path, and the search for its owner. */
class Search {
  readonly #sessionId: string;
  readonly #options: Settings;
  readonly #done: () => void;
  readonly #backoff: Backoff;
  /** Those without a path, until their window is over; ms on the clock. */
  readonly #waiting = new Deadlines<StreamEnd>();
  /** Asked for over a path, and not answered yet. */
  readonly #asked = new Set<StreamEnd>();
  #cancelPause: (() => void) | undefined;
  /** Which look is the newest; an older one that comes to its end changes nothing. */
  #turn = 0;
  #looking = false;
  #over = false;

  constructor(sessionId: string, options: Settings, done: () => void) {
    const { random } = options;
    this.#sessionId = sessionId;
    this.#options = options;
    this.#done = done;
    this.#backoff = new Backoff({ ...BACKOFF, ...(random === undefined ? {} : { random }) });
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(stream: StreamEnd): void {
    const { clock, resumeWindowMs } = this.#options;
    this.#waiting.add(stream, (stream.detachedAtMs ?? clock.monotonic()) + resumeWindowMs);
    // A look that is under way asks for all there are when it has found the owner.
    if (!this.#looking) this.lookNow();
  }

  /** Also while a look is under way: it may wait for a worker that is gone. */
  lookNow(): void {
    if (this.#over) return;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    void this.#look();
  }

  giveUp(code: ErrorCode, message: string): void {
    for (const stream of this.#waiting.items()) this.#end(stream, code, message);
    this.#settle();
  }

  /** One look: where is the owner, and does it take them? Never rejects. */
  async #look(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#looking = true;
    const { findRoute, links, logger } = this.#options;
    try {
      const route = await findRoute(this.#sessionId, { refresh: true });
      if (route !== undefined && turn === this.#turn) {
        const link = await links.linkTo(route.node);
        if (turn === this.#turn) this.#askOver(link);
      }
    } catch (thrown) {
      const { code, message } = toCulvertError(thrown);
      const fields = { event: 'connection.reattach_failed', session_id: this.#sessionId, code };
      logger.debug(fields, `no way to the session's owner yet: ${message}`);
    }
    if (turn !== this.#turn) return;
    this.#looking = false;
    this.#expire();
    this.#next();
  }

  #askOver(link: Pick<Link, 'resume'>): void {
    for (const stream of this.#waiting.items()) if (!this.#asked.has(stream)) this.#ask(link, stream);
  }

  /** @throws CulvertError link_lost, limit_exceeded */
  #ask(link: Pick<Link, 'resume'>, stream: StreamEnd): void {
    const { clock, metrics } = this.#options;
    this.#asked.add(stream);
    let giveUp: () => void = () => undefined;
    const cancelTimer = clock.after(ANSWER_MS, () => giveUp());
    const settle = (): void => {
      cancelTimer();
      this.#asked.delete(stream);
    };
    try {
      giveUp = link.resume(stream, {
        resumed: (replayed) => {
          settle();
          if (!this.#waiting.delete(stream)) return;
          if (stream.attached) {
            this.#log(stream, replayed);
            metrics.resumed(stream.gapMs, replayed);
          }
          this.#settle();
        },
        refused: (code, message) => {
          settle();
          if (TERMINAL.has(code) && this.#waiting.has(stream)) this.#end(stream, code, message);
          this.#next();
        },
      });
    } catch (error) {
      settle();
      throw error;
    }
  }

  #log(stream: StreamEnd, replayed: number): void {
    const { connectionId, sessionId } = stream.request;
    const fields = { event: 'connection.resume', session_id: sessionId, connection_id: connectionId };
    this.#options.logger.info(
      { ...fields, gap_ms: Math.round(stream.gapMs), replayed_bytes: replayed },
      'connection goes on over another path',
    );
  }

  /** The stream cannot go on: whoever uses it hears of it. One that had ended before has nobody to tell. */
  #end(stream: StreamEnd, code: ErrorCode, message: string): void {
    this.#waiting.delete(stream);
    if (stream.closed) return;
    if (code === 'resume_expired') stream.expire(message);
    else stream.breakOff(code, message);
    if (stream.broken !== undefined) this.#options.metrics.lost(code);
  }

  #expire(): void {
    const seconds = Math.round(this.#options.resumeWindowMs / 1000);
    for (const stream of this.#waiting.take(this.#options.clock.monotonic())) {
      this.#end(stream, 'resume_expired', `no path to the agent for ${seconds} s`);
    }
  }

  #next(): void {
    if (this.#over || this.#looking) return;
    const untilMs = this.#waiting.nextMs;
    if (untilMs === undefined) return this.#settle();
    if (this.#cancelPause !== undefined) return;
    const { clock } = this.#options;
    const pauseMs = Math.min(this.#backoff.next(FLOOR_MS), Math.max(1, untilMs - clock.monotonic()));
    this.#cancelPause = clock.after(pauseMs, () => {
      this.#cancelPause = undefined;
      void this.#look();
    });
  }

  #settle(): void {
    if (this.#over || this.#waiting.size > 0) return;
    this.#over = true;
    this.#cancelPause?.();
    this.#done();
  }
}
