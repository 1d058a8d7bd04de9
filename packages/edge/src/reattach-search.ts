import { Backoff, type Clock, type ErrorCode, type Logger, toCulvertError } from '@culvert/base';
import type { Link } from '@culvert/link';
import { Deadlines, type StreamEnd } from '@culvert/mux';
import type { ObservedConnections } from './observed-connections.ts';
import type { ReattachLog, Reattachment } from './reattach-log.ts';
import type { FindRoute, OwnerRoute } from './routed-tunnel.ts';
import type { WorkerAddress } from './worker-links.ts';

export interface SearchOptions {
  readonly links: { linkTo(worker: WorkerAddress): Promise<Pick<Link, 'resume'>> };
  readonly findRoute: FindRoute;
  /** How long a connection may be without a path, ms. */
  readonly resumeWindowMs: number;
  readonly logger: Logger;
  readonly observed: Pick<ObservedConnections, 'get' | 'resumeAttempt'>;
  readonly log: ReattachLog | undefined;
  readonly clock: Clock;
  readonly random: (() => number) | undefined;
}

/** How a stream came to have no path. */
export interface LostPath {
  /** A code, `draining` say. */
  readonly why: string;
  /** The worker at its other end; null: not known. */
  readonly from: string | null;
}

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

const UNKNOWN_LOSS: LostPath = { from: null, why: 'internal' };

/** The streams of one session that have no path, and the search for its owner. */
export class Search {
  readonly #sessionId: string;
  readonly #options: SearchOptions;
  readonly #done: () => void;
  readonly #backoff: Backoff;
  /** Those without a path, until their window is over; ms on the clock. */
  readonly #waiting = new Deadlines<StreamEnd>();
  readonly #lostPaths = new WeakMap<StreamEnd, LostPath>();
  /** Asked for over a path, and not answered yet. */
  readonly #asked = new Set<StreamEnd>();
  #cancelPause: (() => void) | undefined;
  /** Which look is the newest; an older one that comes to its end changes nothing. */
  #turn = 0;
  #looking = false;
  #over = false;

  constructor(sessionId: string, options: SearchOptions, done: () => void) {
    const { random } = options;
    this.#sessionId = sessionId;
    this.#options = options;
    this.#done = done;
    this.#backoff = new Backoff({ ...BACKOFF, ...(random === undefined ? {} : { random }) });
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(stream: StreamEnd, lostPath: LostPath): void {
    const { clock, resumeWindowMs } = this.#options;
    this.#lostPaths.set(stream, lostPath);
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
        if (turn === this.#turn) this.#askOver(link, route);
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

  #askOver(link: Pick<Link, 'resume'>, owner: OwnerRoute): void {
    for (const stream of this.#waiting.items()) if (!this.#asked.has(stream)) this.#ask(link, stream, owner);
  }

  /** @throws CulvertError link_lost, limit_exceeded */
  #ask(link: Pick<Link, 'resume'>, stream: StreamEnd, owner: OwnerRoute): void {
    const { clock } = this.#options;
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
          this.#options.observed.resumeAttempt('resumed');
          if (!this.#waiting.delete(stream)) return;
          if (stream.attached) this.#resumed(stream, replayed, owner);
          this.#settle();
        },
        refused: (code, message) => {
          settle();
          this.#options.observed.resumeAttempt(code === 'link_timeout' ? 'no_answer' : 'refused');
          if (TERMINAL.has(code) && this.#waiting.has(stream)) this.#end(stream, code, message, owner.node.id);
          this.#next();
        },
      });
    } catch (error) {
      settle();
      throw error;
    }
  }

  #resumed(stream: StreamEnd, replayedBytes: number, { node: { id: to }, epoch }: OwnerRoute): void {
    const gapMs = Math.round(stream.gapMs);
    const { from } = this.#lostPaths.get(stream) ?? UNKNOWN_LOSS;
    this.#options.observed.get(stream.connectionId)?.resumed({ gapMs: stream.gapMs, replayedBytes, from, to, epoch });
    this.#record(stream, { to, outcome: 'resumed', code: null, gapMs, replayedBytes });
  }

  /**
   * The stream cannot go on: whoever uses it hears of it. One that had ended before has nobody to tell. `to`: who said so; null:
   * nobody, its time is over.
   */
  #end(stream: StreamEnd, code: ErrorCode, message: string, to: string | null = null): void {
    this.#waiting.delete(stream);
    if (stream.closed) return;
    const nowMs = this.#options.clock.monotonic();
    const gapMs = Math.round(nowMs - (stream.detachedAtMs ?? nowMs));
    if (code === 'resume_expired') stream.expire(message);
    else stream.breakOff(code, message);
    if (stream.broken === undefined) return;
    this.#options.observed.get(stream.connectionId)?.lost(code, gapMs);
    this.#record(stream, { to, outcome: 'lost', code, gapMs, replayedBytes: 0 });
  }

  #record(stream: StreamEnd, outcome: Omit<Reattachment, 'session' | 'connection' | 'from' | 'why'>): void {
    const { sessionId: session, connectionId: connection } = stream.request;
    const { from, why } = this.#lostPaths.get(stream) ?? UNKNOWN_LOSS;
    this.#options.log?.add({ session, connection, from, why, ...outcome });
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
