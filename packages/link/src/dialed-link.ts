import type { Socket } from 'node:net';
import { CulvertError, type ErrorCode, type Logger } from '@culvert/base';
import {
  type Budget,
  DEAD_AFTER_MS,
  type LinkEnd,
  type OpenRequest,
  type PendingStream,
  Role,
  type Stream,
  Streams,
  VERSION_MAX,
  VERSION_MIN,
  type Welcome,
  type WindowOptions,
} from '@culvert/mux';
import { LinkSocket } from './link-socket.ts';
import { type OpenStreamOptions, openStream } from './open-stream.ts';
import type { Masking } from './websocket-writer.ts';

export interface DialedLinkOptions {
  readonly role: 'agent' | 'edge';
  /** The agent process's own id, or the node's. */
  readonly id: string;
  /** `name/version`, for the other side's logs. */
  readonly software: string;
  /** Agents: asked for each connection. */
  readonly accept?: (pending: PendingStream) => void;
  readonly logger: Logger;
  readonly budget?: Budget;
  readonly window?: WindowOptions;
}

/** The worker would not have us. `final`: trying again with the same ticket, or at all, is pointless. */
export class LinkRefused extends CulvertError {
  readonly final: boolean;

  constructor(end: LinkEnd) {
    super(end.code, end.message);
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
  /** Resolves once, when the link has ended; never rejects. */
  readonly closed: Promise<LinkEnd>;
  /**
   * Edges: asks for a connection. The promise settles within `deadlineMs`.
   * @throws CulvertError with the refusal's code; target_timeout past the deadline; cancelled by the signal
   */
  open(request: OpenRequest, options: OpenStreamOptions): Promise<Stream>;
  /** The worker asks to leave; it goes on serving. */
  onGoAway(listener: (end: LinkEnd) => void): void;
  /** Called once, when no stream is left; at once when there is none. */
  whenEmpty(listener: () => void): void;
  /** Ends the link; streams on it are reset. */
  close(code?: ErrorCode, message?: string): void;
}

/** The dialing side of a link: its WebSocket, and the streams that end here. */
export class DialedLink implements Link {
  readonly #socket: LinkSocket;
  readonly #streams: Streams;
  readonly #goAwayListeners: ((end: LinkEnd) => void)[] = [];
  readonly #up = Promise.withResolvers<Welcome>();
  #goAway: LinkEnd | undefined;
  #welcome: Welcome | undefined;

  constructor(options: DialedLinkOptions, socket: Socket, masking: Masking) {
    this.#streams = new Streams({
      send: (frame) => this.#socket.send(frame),
      drop: (stream) => this.#socket.machine.drop(stream),
      nowMs: () => performance.now(),
      ...(options.accept === undefined ? {} : { accept: options.accept }),
      ...(options.budget === undefined ? {} : { budget: options.budget }),
      ...(options.window === undefined ? {} : { window: options.window }),
    });
    this.#socket = new LinkSocket({
      side: 'dialer',
      socket,
      masking,
      logger: options.logger,
      self: {
        versionMin: VERSION_MIN,
        versionMax: VERSION_MAX,
        role: options.role === 'agent' ? Role.AGENT : Role.EDGE,
        features: 0,
        deadAfterMs: DEAD_AFTER_MS,
        id: options.id,
        software: options.software,
      },
      events: {
        hello: () => undefined,
        welcome: (welcome) => {
          this.#welcome = welcome;
          this.#up.resolve(welcome);
        },
        frame: (frame) => this.#streams.receive(frame),
        goAway: (end) => this.#onGoAway(end),
      },
    });
    void this.#socket.closed.then((end) => this.#onClosed(end));
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
    return this.#socket.machine.roundTripMs;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  get closed(): Promise<LinkEnd> {
    return this.#socket.closed;
  }

  open(request: OpenRequest, options: OpenStreamOptions): Promise<Stream> {
    if (!this.#socket.machine.up) return Promise.reject(new CulvertError('link_lost', 'the link has ended'));
    return openStream(this.#streams, request, options);
  }

  onGoAway(listener: (end: LinkEnd) => void): void {
    this.#goAwayListeners.push(listener);
    if (this.#goAway !== undefined) listener(this.#goAway);
  }

  whenEmpty(listener: () => void): void {
    this.#streams.whenEmpty(listener);
  }

  close(code: ErrorCode = 'shutting_down', message = 'closed by this side'): void {
    this.#socket.machine.end({ code, message, final: false });
  }

  #onGoAway(end: LinkEnd): void {
    this.#goAway = end;
    for (const listener of this.#goAwayListeners) listener(end);
  }

  #onClosed(end: LinkEnd): void {
    this.#up.reject(new LinkRefused(end));
    this.#streams.abandon(end.code === 'link_timeout' ? 'link_timeout' : 'link_lost', end.message);
  }
}
