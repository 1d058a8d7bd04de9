import { Buffer } from 'node:buffer';
import type { Clock } from '@culvert/base';
import type { Gate, LinkTransport } from '@culvert/link';
import { type Frame, type Hello, Limit, type LinkEnd, type LinkEvents, LinkMachine } from '@culvert/mux';
import type { Socket } from './wire.ts';

export interface SimTransportOptions {
  readonly side: 'dialer' | 'acceptor';
  readonly socket: Socket;
  readonly self: Hello;
  readonly events: Omit<LinkEvents, 'ended' | 'output'>;
  /** Bytes in the socket above which frames wait in the link's scheduler. */
  readonly highWaterBytes: number;
  readonly gate?: Gate | undefined;
  /** Every frame that leaves, before it does. */
  readonly sending?: (frame: Frame) => void;
}

/** As long as a real one: see link-socket.ts. */
const CLOSE_MS = 2_000;

/** A LinkMachine on a simulated socket. The simulated twin of LinkSocket: it pumps, holds back and closes as that does. */
export class SimTransport implements LinkTransport {
  readonly machine: LinkMachine;
  readonly closed: Promise<LinkEnd>;
  readonly #options: SimTransportOptions;
  readonly #clock: Clock;
  #resolveClosed: (end: LinkEnd) => void = () => undefined;
  #cancelTimer: (() => void) | undefined;
  #pumpDue = false;
  #heldBack: { readonly piece: Buffer; readonly last: boolean }[] = [];

  constructor(options: SimTransportOptions) {
    this.#options = options;
    this.#clock = options.socket.process.clock;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.machine = new LinkMachine(options.side, options.self, {
      ...options.events,
      welcome: (welcome) => {
        options.events.welcome(welcome);
        this.#armTimer();
      },
      output: () => this.#schedulePump(),
      ended: (end) => this.#onEnded(end),
    });
    options.socket.listen({
      bytes: (piece, last) => this.#onBytes(piece, last),
      drained: () => this.#pump(),
      gone: (message) => this.#onGone(message),
    });
    this.machine.start(this.#clock.monotonic());
    this.#armTimer();
  }

  send(frame: Frame): void {
    this.machine.send(frame);
  }

  #onBytes(piece: Buffer, last: boolean): void {
    if (this.#heldBack.length > 0 || !this.#mayPass()) this.#heldBack.push({ piece, last });
    else this.machine.receive(piece, last, this.#clock.monotonic());
  }

  #mayPass(): boolean {
    const { gate } = this.#options;
    return gate === undefined || gate.pass(this.#clock.monotonic(), () => this.#onGateOpen());
  }

  #onGateOpen(): void {
    const held = this.#heldBack;
    this.#heldBack = [];
    for (const { piece, last } of held) this.machine.receive(piece, last, this.#clock.monotonic());
    this.#schedulePump();
  }

  #schedulePump(): void {
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    this.#options.socket.process.after(0, () => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { socket, highWaterBytes } = this.#options;
    if (socket.over || this.machine.queuedBytes === 0 || !this.#mayPass()) return;
    while (socket.queuedBytes < highWaterBytes) {
      const message = this.#nextMessage();
      if (message === undefined) break;
      socket.write(message);
    }
  }

  /** Frames that fit into one message; how many is chance. */
  #nextMessage(): Buffer | undefined {
    const frames: Buffer[] = [];
    let bytes = 0;
    while (bytes + Limit.DATA_BYTES < Limit.MESSAGE_BYTES) {
      const frame = this.machine.next();
      if (frame === undefined) break;
      this.#options.sending?.(frame);
      const encoded = frame.encode();
      frames.push(encoded);
      bytes += encoded.length;
      if (this.#options.socket.process.random.chance(0.3)) break;
    }
    return frames.length > 1 ? Buffer.concat(frames) : frames[0];
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

  #onGone(message: string): void {
    this.machine.lost(message);
    this.#cancelTimer?.();
  }

  #onEnded(end: LinkEnd): void {
    this.#cancelTimer?.();
    this.#resolveClosed(end);
    const { socket } = this.#options;
    if (end.code === 'link_timeout') socket.destroy();
    else socket.process.after(0, () => this.#close());
  }

  /** Last words, then FIN; the peer has a moment to do the same. */
  #close(): void {
    const { socket } = this.#options;
    if (socket.over) return;
    for (let frame = this.machine.next(); frame !== undefined; frame = this.machine.next())
      socket.write(frame.encode());
    socket.end();
    this.#clock.after(CLOSE_MS, () => socket.destroy());
  }
}
