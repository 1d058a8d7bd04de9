import type { Buffer } from 'node:buffer';
import { between, type Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { Timeline } from './timeline.ts';

/** What one side of a connection hears. */
export interface SocketEvents {
  /** Bytes, cut anywhere; `last`: with them a message ends. */
  bytes(piece: Buffer, last: boolean): void;
  /** There is room again. */
  drained(): void;
  /** The connection is over; nothing follows. */
  gone(message: string): void;
}

/** How a network of the simulation behaves. All ranges are chosen once for each connection. */
export interface NetworkOptions {
  /** One way, ms. */
  readonly delayMs: readonly [least: number, most: number];
  /** Added to each piece, ms; order is kept. */
  readonly jitterMs: number;
  readonly bytesPerMs: readonly [least: number, most: number];
  /** Pieces that a message is cut into at most. */
  readonly cuts: number;
}

interface Piece {
  readonly bytes: Buffer;
  readonly last: boolean;
  readonly readyMs: number;
}

/** One direction of a connection. */
class Lane {
  readonly #wire: Wire;
  readonly #timeline: Timeline;
  #queue: (Piece | 'end')[] = [];
  #queuedBytes = 0;
  /** The line is busy until then. */
  #freeMs = 0;
  #lastReadyMs = 0;
  #underWay = false;
  #closed = false;
  stalledUntilMs = 0;
  blackHole = false;

  constructor(wire: Wire, timeline: Timeline) {
    this.#wire = wire;
    this.#timeline = timeline;
  }

  /** Bytes written and not read by the far side. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  write(message: Buffer): void {
    if (this.#closed) return;
    const { random, options, delayMs, bytesPerMs } = this.#wire;
    const now = this.#timeline.nowMs;
    for (let at = 0; at < message.length; ) {
      const rest = message.length - at;
      const whole = options.cuts < 2 || random.chance(1 / options.cuts);
      const length = whole ? rest : 1 + random.below(rest);
      this.#freeMs = Math.max(this.#freeMs, now) + length / bytesPerMs;
      const arrival = this.#freeMs + delayMs + random.next() * options.jitterMs;
      this.#lastReadyMs = Math.max(this.#lastReadyMs, arrival);
      const last = at + length === message.length;
      this.#queue.push({ bytes: message.subarray(at, at + length), last, readyMs: this.#lastReadyMs });
      this.#queuedBytes += length;
      at += length;
    }
    this.#carry();
  }

  /** FIN behind what was written. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lastReadyMs = Math.max(this.#lastReadyMs, this.#timeline.nowMs + this.#wire.delayMs);
    this.#queue.push('end');
    this.#carry();
  }

  /** Nothing of it arrives any more. */
  drop(): void {
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Goes on with what a stall or a black hole held up. */
  carry(): void {
    this.#carry();
  }

  #carry(): void {
    const head = this.#queue[0];
    if (head === undefined || this.#underWay || this.blackHole) return;
    this.#underWay = true;
    const readyMs = head === 'end' ? this.#lastReadyMs : head.readyMs;
    this.#wire.arrive(this, Math.max(readyMs, this.stalledUntilMs), () => {
      this.#underWay = false;
      if (this.blackHole || this.stalledUntilMs > this.#timeline.nowMs) return this.#carry();
      const piece = this.#queue.shift();
      if (piece === undefined) return;
      if (piece === 'end') return this.#wire.ended(this, 'the peer ended the socket');
      this.#queuedBytes -= piece.bytes.length;
      this.#wire.deliver(this, piece.bytes, piece.last);
      this.#carry();
    });
  }
}

/** One side's socket. */
export class Socket {
  readonly process: SimProcess;
  readonly #wire: Wire;
  readonly #out: Lane;
  #events: SocketEvents | undefined;
  #over = false;
  #early: (() => void)[] = [];

  constructor(wire: Wire, process: SimProcess, out: Lane) {
    this.#wire = wire;
    this.process = process;
    this.#out = out;
  }

  /** Bytes that the far side has not read. */
  get queuedBytes(): number {
    return this.#out.queuedBytes;
  }

  get over(): boolean {
    return this.#over;
  }

  listen(events: SocketEvents): void {
    this.#events = events;
    const early = this.#early;
    this.#early = [];
    for (const event of early) event();
  }

  write(message: Buffer): void {
    if (!this.#over) this.#out.write(message);
  }

  /** Closes this side in order: the far side hears of it behind the last byte. */
  end(): void {
    if (!this.#over) this.#out.end();
  }

  /** Lets go at once, whatever is under way. */
  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    this.#wire.destroyed(this);
  }

  /** @internal */
  hear(tell: (events: SocketEvents) => void): void {
    if (this.#over) return;
    const events = this.#events;
    if (events === undefined) this.#early.push(() => this.hear(tell));
    else tell(events);
  }

  /** @internal */
  lost(message: string): void {
    if (this.#over) return;
    this.hear((events) => {
      this.#over = true;
      events.gone(message);
    });
  }
}

/** One TCP connection between two simulated processes. */
export class Wire {
  readonly random: Random;
  readonly options: NetworkOptions;
  readonly delayMs: number;
  readonly bytesPerMs: number;
  readonly dialer: Socket;
  readonly acceptor: Socket;
  readonly #timeline: Timeline;
  readonly #toAcceptor: Lane;
  readonly #toDialer: Lane;
  #over = false;

  constructor(timeline: Timeline, random: Random, options: NetworkOptions, ends: readonly [SimProcess, SimProcess]) {
    this.#timeline = timeline;
    this.random = random;
    this.options = options;
    this.delayMs = between(random, ...options.delayMs);
    this.bytesPerMs = between(random, ...options.bytesPerMs);
    this.#toAcceptor = new Lane(this, timeline);
    this.#toDialer = new Lane(this, timeline);
    this.dialer = new Socket(this, ends[0], this.#toAcceptor);
    this.acceptor = new Socket(this, ends[1], this.#toDialer);
  }

  get over(): boolean {
    return this.#over;
  }

  joins(host: string): boolean {
    return this.dialer.process.name === host || this.acceptor.process.name === host;
  }

  get name(): string {
    return `${this.dialer.process.name}–${this.acceptor.process.name}`;
  }

  /** A reset in the middle: what is under way is lost; each side learns of it on its own, after so many ms. */
  cut(learnMs: readonly [dialer: number, acceptor: number], message = 'the network reset the connection'): void {
    if (this.#over) return;
    this.#over = true;
    for (const lane of [this.#toAcceptor, this.#toDialer]) lane.drop();
    this.dialer.process.after(learnMs[0], () => this.dialer.lost(message));
    this.acceptor.process.after(learnMs[1], () => this.acceptor.lost(message));
  }

  /** Nothing arrives any more, and nobody learns of it. */
  blackHole(direction: 'both' | 'to dialer' | 'to acceptor' = 'both'): void {
    if (direction !== 'to dialer') this.#toAcceptor.blackHole = true;
    if (direction !== 'to acceptor') this.#toDialer.blackHole = true;
  }

  /** The network is whole again: TCP sends again what was lost. */
  heal(): void {
    for (const lane of [this.#toAcceptor, this.#toDialer]) {
      lane.blackHole = false;
      lane.carry();
    }
  }

  stall(ms: number): void {
    for (const lane of [this.#toAcceptor, this.#toDialer]) lane.stalledUntilMs = this.#timeline.nowMs + ms;
  }

  /** @internal A frozen or slow process reads later: an arrival is its event. */
  arrive(lane: Lane, atMs: number, run: () => void): void {
    this.#reader(lane).process.after(atMs - this.#timeline.nowMs, run);
  }

  /** @internal */
  deliver(lane: Lane, bytes: Buffer, last: boolean): void {
    const reader = this.#reader(lane);
    const writer = this.#writer(lane);
    if (reader.over) return this.#refuse(writer);
    reader.hear((events) => events.bytes(bytes, last));
    writer.process.after(0, () => writer.hear((events) => events.drained()));
  }

  /** @internal The far side of this lane has closed. */
  ended(lane: Lane, message: string): void {
    const reader = this.#reader(lane);
    reader.lost(message);
    // As a link does: it answers FIN with FIN.
    this.#writer(lane).process.after(this.delayMs, () => this.#writer(lane).lost('the socket was closed'));
    this.#over = true;
  }

  /** @internal One side has let go; the other hears of it if the network lets it through. */
  destroyed(side: Socket): void {
    if (this.#over) return;
    const lane = side === this.dialer ? this.#toAcceptor : this.#toDialer;
    const back = side === this.dialer ? this.#toDialer : this.#toAcceptor;
    back.drop();
    lane.end();
  }

  /** Bytes for a socket that is closed: its kernel answers with a reset. */
  #refuse(writer: Socket): void {
    if (this.#over) return;
    this.#over = true;
    for (const lane of [this.#toAcceptor, this.#toDialer]) lane.drop();
    writer.process.after(this.delayMs, () => writer.lost('the peer reset the connection'));
  }

  #reader(lane: Lane): Socket {
    return lane === this.#toAcceptor ? this.acceptor : this.dialer;
  }

  #writer(lane: Lane): Socket {
    return lane === this.#toAcceptor ? this.dialer : this.acceptor;
  }
}
