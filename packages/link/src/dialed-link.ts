import { type Clock, CulvertError, type ErrorCode, type Logger, systemClock } from '@culvert/base';
import {
  type Budget,
  DEAD_AFTER_MS,
  Feature,
  type Hello,
  type LinkEnd,
  type LinkEvents,
  type OpenRequest,
  type PendingStream,
  ProtocolError,
  type Reason,
  type ResumeOutcome,
  Role,
  type Stream,
  type StreamEnd,
  type StreamStore,
  Streams,
  VERSION_MAX,
  VERSION_MIN,
  type Welcome,
  type WindowOptions,
} from '@culvert/mux';
import type { LinkTransport } from './link-socket.ts';
import { type OpenStreamOptions, openStream } from './open-stream.ts';

export interface DialedLinkOptions {
  readonly role: 'agent' | 'edge';
  /** The agent process's own id, or the node's. */
  readonly id: string;
  /** `name/version`, for the other side's logs. */
  readonly software: string;
  /** Agents: asked for each connection. */
  readonly accept?: (pending: PendingStream) => void;
  /** Agents: the session's streams; they outlive the link. */
  readonly store?: StreamStore;
  /** Edges: a stream has lost this link and waits for another. */
  readonly detached?: (stream: StreamEnd, why: Reason) => void;
  readonly logger: Logger;
  readonly budget?: Budget;
  /** Of what is kept until the peers acknowledge it. */
  readonly keptBudget?: Budget;
  readonly window?: WindowOptions;
  /** Told the round trip of each heartbeat, ms. */
  readonly roundTrip?: (ms: number) => void;
  readonly clock?: Clock;
}

/** The worker would not have us. `final`: trying again with the same ticket, or at all, is pointless. */
export class LinkRefused extends CulvertError {
  readonly final: boolean;

  constructor(end: LinkEnd, retryAfterSeconds?: number) {
    super(end.code, end.message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    this.final = end.final;
  }
}

/** A link that is up, from the dialing side. */
export interface Link {
  readonly welcome: Welcome;
  /** The last heartbeat's round trip to the worker, ms. */
  readonly roundTripMs: number | undefined;
  /** Streams open, opening or pending. */
  readonly openStreams: number;
  /** Bytes of frames that wait to leave. */
  readonly queuedBytes: number;
  /** Resolves once, when the link has ended; never rejects. */
  readonly closed: Promise<LinkEnd>;
  /**
   * Edges: asks for a connection. The promise settles within `deadlineMs`.
   * @throws CulvertError with the refusal's code; target_timeout past the deadline; cancelled by the signal
   */
  open(request: OpenRequest, options: OpenStreamOptions): Promise<Stream>;
  /**
   * Edges: goes on with a stream that has lost its path. Returns what gives the attempt up.
   * @throws CulvertError link_lost, limit_exceeded
   */
  resume(stream: StreamEnd, outcome: ResumeOutcome): () => void;
  /** All streams leave this link, which still works, to go on over another. */
  leave(): void;
  /** Agents, on standby: the worker takes the session over; resolves to its epoch. Rejects when the link ends. */
  claim(lastEpoch: number): Promise<number>;
  /** The worker asks to leave; it goes on serving. */
  onGoAway(listener: (end: LinkEnd) => void): void;
  /** Called once, when no stream is left; at once when there is none. */
  whenEmpty(listener: () => void): void;
  /** Ends the link; streams that are still on it are reset. */
  close(code?: ErrorCode, message?: string): void;
}

/** Makes the transport of a link: what it says of itself, and who hears what happens. */
export type Connect = (self: Hello, events: Omit<LinkEvents, 'ended' | 'output'>) => LinkTransport;

/** The dialing side of a link, and the streams that end here. */
export class DialedLink implements Link {
  readonly #transport: LinkTransport;
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #goAwayListeners: ((end: LinkEnd) => void)[] = [];
  readonly #up = Promise.withResolvers<Welcome>();
  #claimed: PromiseWithResolvers<number> | undefined;
  #goAway: LinkEnd | undefined;
  #welcome: Welcome | undefined;

  constructor(options: DialedLinkOptions, connect: Connect) {
    const { accept, store, detached, budget, keptBudget, window, roundTrip, clock = systemClock } = options;
    this.#clock = clock;
    this.#streams = new Streams({
      send: (frame) => this.#transport.send(frame),
      drop: (stream) => this.#transport.machine.drop(stream),
      nowMs: () => clock.monotonic(),
      ...(accept === undefined ? {} : { accept }),
      ...(store === undefined ? {} : { store }),
      ...(detached === undefined ? {} : { detached }),
      ...(budget === undefined ? {} : { budget }),
      ...(keptBudget === undefined ? {} : { keptBudget }),
      ...(window === undefined ? {} : { window }),
    });
    const resumes = store !== undefined || detached !== undefined;
    const self: Hello = {
      versionMin: VERSION_MIN,
      versionMax: VERSION_MAX,
      role: options.role === 'agent' ? Role.AGENT : Role.EDGE,
      features: resumes ? Feature.RESUME : 0,
      deadAfterMs: DEAD_AFTER_MS,
      id: options.id,
      software: options.software,
    };
    this.#transport = connect(self, {
      hello: () => undefined,
      welcome: (welcome) => this.#onWelcome(welcome),
      frame: (frame) => this.#streams.receive(frame),
      goAway: (end) => this.#onGoAway(end),
      claimed: (epoch) => {
        if (this.#claimed === undefined) throw new ProtocolError('L7', 'CLAIMED without CLAIM');
        this.#claimed.resolve(epoch);
      },
      ...(roundTrip === undefined ? {} : { roundTrip }),
    });
    void this.#transport.closed.then((end) => this.#onClosed(end));
  }

  async whenUp(signal: AbortSignal): Promise<Link> {
    const abort = (): void => this.close('cancelled', 'the dial was given up');
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await this.#up.promise;
      return this;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new CulvertError('internal', 'the link is not up yet');
    return this.#welcome;
  }

  get roundTripMs(): number | undefined {
    return this.#transport.machine.roundTripMs;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  get queuedBytes(): number {
    return this.#transport.machine.queuedBytes;
  }

  get closed(): Promise<LinkEnd> {
    return this.#transport.closed;
  }

  open(request: OpenRequest, options: OpenStreamOptions): Promise<StreamEnd> {
    if (!this.#transport.machine.up) return Promise.reject(new CulvertError('link_lost', 'the link has ended'));
    return openStream(this.#streams, request, { clock: this.#clock, ...options });
  }

  resume(stream: StreamEnd, outcome: ResumeOutcome): () => void {
    if (!this.#transport.machine.up) throw new CulvertError('link_lost', 'the link has ended');
    const asked = this.#streams.resume(stream, outcome);
    return () => asked.leave();
  }

  leave(): void {
    this.#streams.leave();
  }

  claim(lastEpoch: number): Promise<number> {
    if (!this.#transport.machine.up) return Promise.reject(new CulvertError('link_lost', 'the link has ended'));
    if (this.#claimed === undefined) {
      this.#claimed = Promise.withResolvers();
      this.#transport.machine.claim(lastEpoch);
    }
    return this.#claimed.promise;
  }

  onGoAway(listener: (end: LinkEnd) => void): void {
    this.#goAwayListeners.push(listener);
    if (this.#goAway !== undefined) listener(this.#goAway);
  }

  whenEmpty(listener: () => void): void {
    this.#streams.whenEmpty(listener);
  }

  close(code: ErrorCode = 'shutting_down', message = 'closed by this side'): void {
    this.#streams.resetAll(code, message);
    this.#transport.machine.end({ code, message, final: false });
  }

  #onWelcome(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#streams.resumable = (welcome.features & Feature.RESUME) !== 0;
    this.#up.resolve(welcome);
  }

  #onGoAway(end: LinkEnd): void {
    this.#goAway = end;
    for (const listener of this.#goAwayListeners) listener(end);
  }

  /** What is final for the session is final for its streams; after anything else they may go on over another link. */
  #onClosed(end: LinkEnd): void {
    this.#up.reject(new LinkRefused(end));
    // What was said of a claim that is turned down comes before the end of the link.
    this.#claimed?.reject(new LinkRefused(this.#goAway ?? end));
    if (end.final) this.#streams.resetAll(end.code, end.message);
    this.#streams.lost(end.code === 'link_timeout' ? 'link_timeout' : 'link_lost', end.message);
  }
}
