import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { announceSocket, type Clock, CulvertError, type Logger, systemClock } from '@culvert/base';
import { type Frame, type Hello, Limit, type LinkEnd, type LinkEvents, LinkMachine } from '@culvert/mux';
import { WebSocketReader } from './websocket-reader.ts';
import { type Masking, WebSocketWriter } from './websocket-writer.ts';

/**
 * Frames are handed to the socket while it holds less than this; the rest waits in the link's scheduler, where a
 * stream that has just become active still overtakes bulk. Bytes.
 */
const HIGH_WATER_BYTES = 262_144;

/** How long a peer may take to answer the closing handshake before the socket is simply destroyed. */
const CLOSE_MS = 2_000;

/** Holds bytes back: a process that overslept looks at the world first, and serves on then. */
export interface Gate {
  /** Whether bytes may pass at `nowMs`. When not, `opened` is called, once, as soon as they may again. */
  pass(nowMs: number, opened: () => void): boolean;
}

/** What carries the frames of a link. */
export interface LinkTransport {
  readonly machine: LinkMachine;
  /** Resolves once, when the link has ended; never rejects. */
  readonly closed: Promise<LinkEnd>;
  /** Puts a frame in line. */
  send(frame: Frame): void;
}

export interface LinkSocketOptions {
  readonly side: 'dialer' | 'acceptor';
  /** A socket on which the WebSocket handshake is done; the link owns it from here on. */
  readonly socket: Socket;
  readonly self: Hello;
  readonly masking: Masking;
  readonly events: Omit<LinkEvents, 'ended' | 'output'>;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly gate?: Gate | undefined;
}

/** A LinkMachine on a real socket: when to read, write, look at the clock, and let go. */
export class LinkSocket implements LinkTransport {
  readonly machine: LinkMachine;
  /** Resolves once, when the link has ended; never rejects. */
  readonly closed: Promise<LinkEnd>;
  readonly #socket: Socket;
  readonly #reader: WebSocketReader;
  readonly #writer: WebSocketWriter;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #resolveClosed: (end: LinkEnd) => void = () => undefined;
  #nowMs = 0;
  #pumpDue = false;
  #blocked = false;
  #cancelTimer: (() => void) | undefined;
  readonly #gate: Gate | undefined;
  /** Read, and held back by the gate; the socket is paused meanwhile. */
  #heldBack: Buffer[] = [];

  constructor(options: LinkSocketOptions) {
    this.#socket = options.socket;
    this.#writer = new WebSocketWriter(options.socket, options.masking);
    const peer = options.side === 'dialer' ? 'server' : 'client';
    this.#reader = new WebSocketReader(peer, Limit.MESSAGE_BYTES, {
      piece: (bytes, last) => this.machine.receive(bytes, last, this.#nowMs),
      ping: (payload) => this.#onPing(payload),
      close: (code, reason) => this.#onPeerClose(code, reason),
    });
    this.#clock = options.clock ?? systemClock;
    this.#gate = options.gate;
    this.#logger = options.logger;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.machine = new LinkMachine(options.side, options.self, {
      ...options.events,
      welcome: (welcome) => {
        options.events.welcome(welcome);
        // The deadline so far was the handshake's; heartbeats are due earlier.
        this.#armTimer();
      },
      output: () => this.#schedulePump(),
      ended: (end) => this.#onEnded(end),
    });
    announceSocket('link', options.socket);
    this.#listen(options.socket);
    this.machine.start(this.#clock.monotonic());
    this.#armTimer();
  }

  /** Puts a frame in line; it leaves at the end of this turn of the event loop, with whatever else is due. */
  send(frame: Frame): void {
    this.machine.send(frame);
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.on('data', (chunk: Buffer) => this.#onChunk(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('end', () => this.#onSocketGone('the peer ended the socket'));
    socket.on('error', (error) => this.#onSocketGone(error.message));
    socket.on('close', () => this.#onSocketGone('the socket was closed'));
    socket.resume();
  }

  #onChunk(chunk: Buffer): void {
    this.#nowMs = this.#clock.monotonic();
    if (this.#heldBack.length > 0 || !this.#mayPass()) {
      this.#heldBack.push(chunk);
      this.#socket.pause();
      return;
    }
    this.#read(chunk);
  }

  #mayPass(): boolean {
    return this.#gate === undefined || this.#gate.pass(this.#nowMs, () => this.#onGateOpen());
  }

  #onGateOpen(): void {
    this.#nowMs = this.#clock.monotonic();
    const chunks = this.#heldBack;
    this.#heldBack = [];
    for (const chunk of chunks) this.#read(chunk);
    if (!this.#socket.destroyed) this.#socket.resume();
    this.#schedulePump();
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof CulvertError)) throw error;
      this.machine.end({ code: error.code, message: error.message, final: false });
    }
  }

  /** RFC 6455 §5.5.3 lets a pong stand for several pings: a peer that does not read them is not owed one for each. */
  #onPing(payload: Buffer): void {
    if (this.#socket.writableLength < HIGH_WATER_BYTES) this.#writer.pong(payload);
  }

  /** Our own close frame and FIN follow with the end of the link. */
  #onPeerClose(code: number, reason: string): void {
    this.#onSocketGone(`the peer closed the link with ${code} ${reason}`.trim());
  }

  /**
   * One write per turn of the event loop, after all sockets that were readable have been read: many small frames
   * leave in one system call, and the scheduler sees them all before it chooses.
   */
  #schedulePump(): void {
    if (this.#pumpDue || this.#blocked) return;
    this.#pumpDue = true;
    setImmediate(() => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  #onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#pump();
  }

  #pump(): void {
    if (this.#blocked || !this.#socket.writable) return;
    this.#nowMs = this.#clock.monotonic();
    if (!this.#mayPass()) return;
    this.#socket.cork();
    while (this.#socket.writableLength + this.#writer.pendingBytes < HIGH_WATER_BYTES) {
      const frame = this.machine.next();
      if (frame === undefined) break;
      this.#writer.write(frame);
    }
    this.#writer.flush();
    // Above the socket's own mark a 'drain' is certain to come; below it none might.
    this.#blocked = this.#socket.writableNeedDrain && this.machine.queuedBytes > 0;
    this.#socket.uncork();
    if (!this.#blocked && this.machine.queuedBytes > 0) this.#schedulePump();
  }

  #armTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const due = this.machine.nextDeadlineMs;
    if (due === undefined) return;
    this.#cancelTimer = this.#clock.after(Math.max(1, due - this.#clock.monotonic()), () => {
      this.machine.tick(this.#clock.monotonic());
      this.#armTimer();
    });
  }

  #onSocketGone(message: string): void {
    this.machine.lost(message);
    this.#cancelTimer?.();
  }

  #onEnded(end: LinkEnd): void {
    this.#cancelTimer?.();
    this.#logger.debug({ event: 'link.end', code: end.code, final: end.final }, end.message);
    this.#resolveClosed(end);
    // A peer that does not even answer pings will not answer a closing handshake.
    if (end.code === 'link_timeout') this.#socket.destroy();
    // Not at once: what made the link end may still be on the stack, and its last words are not queued yet.
    else setImmediate(() => this.#close(end));
  }

  /** Last words, the WebSocket closing handshake's first half, FIN; the peer has a moment to do the same. */
  #close(end: LinkEnd): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writable) {
      // However full the socket is: a final GOAWAY that is not said brings the agent back.
      for (let word = this.machine.next(); word !== undefined; word = this.machine.next()) this.#writer.write(word);
      this.#writer.flush();
      this.#writer.close(1000, end.code);
      this.#socket.end();
    }
    const cancel = this.#clock.after(CLOSE_MS, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }
}
