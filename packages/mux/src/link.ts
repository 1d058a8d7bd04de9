import type { Buffer } from 'node:buffer';
import { type ErrorCode, toErrorCode } from '@culvert/base';
import { Frame, ProtocolError } from './frame.ts';
import { FrameParser } from './frame-parser.ts';
import {
  type Advice,
  decodeEpoch,
  decodeGoAway,
  decodeHello,
  decodeWelcome,
  encodeEpoch,
  encodeGoAway,
  encodeHello,
  encodeWelcome,
  type Hello,
  type Welcome,
} from './payloads.ts';
import { Scheduler } from './scheduler.ts';
import { Flag, FrameType, Limit, VALUE_MAX, VERSION_MAX, VERSION_MIN } from './wire.ts';

/** The dialing side speaks up this often; both sides therefore hear something this often. */
export const HEARTBEAT_MS = 5_000;
/** A peer that was silent this long is dead, whatever TCP says: two heartbeats lost, and some. */
export const DEAD_AFTER_MS = 12_000;
/** HELLO and WELCOME have to be through by then; a claim in Redis (1 s) is part of it. */
export const HANDSHAKE_MS = 10_000;

/** Why a link ended. */
export interface LinkEnd {
  readonly code: ErrorCode;
  readonly message: string;
  /** Do not come back: another agent has the session, it was closed, its key was revoked. */
  readonly final: boolean;
  /** The worker asks to leave, and says where to go and when. */
  readonly advice?: Advice;
}

export interface LinkEvents {
  /** Acceptor: the peer said HELLO. Answer with `welcome()` or `end()`, now or later, within the handshake deadline. */
  hello(hello: Hello): void;
  /** Dialer: the peer said WELCOME; frames may be sent. */
  welcome(welcome: Welcome): void;
  /** A frame of a stream. May throw ProtocolError. */
  frame(frame: Frame): void;
  /** The peer asks us to leave, and goes on serving until we do. */
  goAway(end: LinkEnd): void;
  /** Acceptor: an agent on standby wants to be served here from now on. Answer with `claimed()` or `end()`. */
  claim?(lastEpoch: number): void;
  /** Dialer: the worker owns the session now. */
  claimed?(epoch: number): void;
  /** Dialer: a heartbeat was answered after so many ms. */
  roundTrip?(ms: number): void;
  /** Terminal, once. What waits to be sent may still be sent; then the transport is to be closed. */
  ended(end: LinkEnd): void;
  /** There is something to send: call `next()` when the transport has room. */
  output(): void;
}

type Phase = 'new' | 'greeting' | 'up' | 'ended';

/**
 * One link, without its socket: handshake, liveness, the order of what is sent (SPEC §4). Messages and the time go
 * in; frames, events and the next deadline come out.
 */
export class LinkMachine {
  readonly #side: 'dialer' | 'acceptor';
  readonly #self: Hello;
  readonly #events: LinkEvents;
  readonly #scheduler = new Scheduler();
  readonly #parser = new FrameParser((frame) => this.#dispatch(frame, this.#nowMs));
  #phase: Phase = 'new';
  #helloSeen = false;
  #deadAfterMs = DEAD_AFTER_MS;
  #startedMs = 0;
  #heardMs = 0;
  #nowMs = 0;
  #pingedMs = 0;
  #pingToken = 0;
  #pingOpen = false;
  #roundTripMs: number | undefined;
  #features = 0;

  constructor(side: 'dialer' | 'acceptor', self: Hello, events: LinkEvents) {
    this.#side = side;
    this.#self = self;
    this.#events = events;
  }

  get up(): boolean {
    return this.#phase === 'up';
  }

  /** What both sides understand; see Feature. */
  get features(): number {
    return this.#features;
  }

  /** The last measured round trip, ms; the dialing side knows it. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#scheduler.bytes;
  }

  queuedBytesOf(stream: number): number {
    return this.#scheduler.bytesOf(stream);
  }

  /** The transport is connected. */
  start(nowMs: number): void {
    if (this.#phase !== 'new') throw new Error('a link starts once');
    this.#phase = 'greeting';
    this.#startedMs = nowMs;
    this.#heardMs = nowMs;
    this.#pingedMs = nowMs;
    if (this.#side === 'dialer') this.#push(new Frame(FrameType.HELLO, 0, 0, encodeHello(this.#self)));
  }

  /** Acceptor: lets the peer in. */
  welcome(hello: Hello, session: { epoch: number; sessionId: string; boot: string }): void {
    if (this.#phase !== 'greeting' || this.#side !== 'acceptor') return;
    this.#phase = 'up';
    this.#features = hello.features & this.#self.features;
    const welcome = {
      version: Math.min(hello.versionMax, VERSION_MAX),
      features: this.#features,
      deadAfterMs: this.#self.deadAfterMs,
      epoch: session.epoch,
      nodeId: this.#self.id,
      boot: session.boot,
      sessionId: session.sessionId,
    };
    this.#deadAfterMs = Math.max(hello.deadAfterMs, this.#self.deadAfterMs);
    this.#push(new Frame(FrameType.WELCOME, 0, 0, encodeWelcome(welcome)));
  }

  /** Puts a frame in line. Nothing is sent on a link that is not up. */
  send(frame: Frame): void {
    if (this.#phase === 'up') this.#push(frame);
  }

  drop(stream: number): void {
    this.#scheduler.drop(stream);
  }

  /** The next frame for the transport, or undefined. */
  next(): Frame | undefined {
    return this.#scheduler.next();
  }

  /** Asks the peer to leave, and goes on serving it. */
  goAway(code: ErrorCode, message: string, advice?: Advice): void {
    if (this.#phase !== 'up') return;
    this.#push(this.#goAwayFrame({ code, message, final: false, ...(advice === undefined ? {} : { advice }) }));
  }

  /** Dialer, on standby: asks the worker to take the session over. */
  claim(lastEpoch: number): void {
    if (this.#phase === 'up') this.#push(new Frame(FrameType.CLAIM, 0, 0, encodeEpoch(lastEpoch)));
  }

  /** Acceptor: the answer to a claim. */
  claimed(epoch: number): void {
    if (this.#phase === 'up') this.#push(new Frame(FrameType.CLAIMED, 0, 0, encodeEpoch(epoch)));
  }

  /** Ends the link, telling the peer why. */
  end(end: LinkEnd): void {
    if (this.#phase === 'ended') return;
    const told = this.#phase === 'greeting' || this.#phase === 'up';
    this.#finish(end, () => {
      // Resets and other last words still go out; what streams carried has no one to go to.
      this.#scheduler.clearStreams();
      if (told) this.#scheduler.push(this.#goAwayFrame(end));
    });
  }

  /** The transport is gone; nobody can be told. */
  lost(message: string): void {
    this.#finish({ code: 'link_lost', message, final: false }, () => this.#scheduler.clear());
  }

  /**
   * Takes bytes of a message, cut anywhere; they are kept by reference. `endOfMessage` with the last of them.
   * A peer that breaks a rule ends the link.
   */
  receive(piece: Buffer, endOfMessage: boolean, nowMs: number): void {
    if (this.#phase === 'ended') return;
    this.#heardMs = nowMs;
    this.#nowMs = nowMs;
    try {
      this.#parser.push(piece);
      if (endOfMessage) this.#parser.endMessage();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.end({ code: error.code, message: error.message, final: false });
    }
  }

  /** When `tick` is to be called next, on the clock of `start`; undefined when never. */
  get nextDeadlineMs(): number | undefined {
    if (this.#phase === 'greeting') return this.#startedMs + HANDSHAKE_MS;
    if (this.#phase !== 'up') return undefined;
    const dead = this.#heardMs + this.#deadAfterMs;
    return this.#side === 'dialer' ? Math.min(dead, this.#pingedMs + HEARTBEAT_MS) : dead;
  }

  /** A deadline passed. */
  tick(nowMs: number): void {
    const due = this.nextDeadlineMs;
    if (due === undefined || nowMs < due) return;
    if (this.#phase === 'greeting') {
      this.end({ code: 'timeout', message: `no handshake within ${HANDSHAKE_MS} ms`, final: false });
    } else if (nowMs >= this.#heardMs + this.#deadAfterMs) {
      this.end({ code: 'link_timeout', message: `nothing heard for ${this.#deadAfterMs} ms`, final: false });
    } else {
      this.#ping(nowMs);
    }
  }

  #ping(nowMs: number): void {
    this.#pingedMs = nowMs;
    this.#pingOpen = true;
    this.#pingToken = (this.#pingToken + 1) % VALUE_MAX;
    this.#push(new Frame(FrameType.PING, 0, this.#pingToken));
  }

  #dispatch(frame: Frame, nowMs: number): void {
    if (this.#phase === 'ended') return;
    if (frame.type === FrameType.GOAWAY) return this.#onGoAway(frame);
    if (this.#phase === 'greeting') return this.#onGreeting(frame, nowMs);
    if (frame.type === FrameType.HELLO || frame.type === FrameType.WELCOME) {
      throw new ProtocolError('L1', 'a second greeting');
    }
    if (frame.stream !== 0) return this.#events.frame(frame);
    if (frame.type === FrameType.PING) return this.#push(new Frame(FrameType.PONG, 0, frame.value));
    if (frame.type === FrameType.CLAIM) return this.#onClaim(frame);
    if (frame.type === FrameType.CLAIMED) return this.#onClaimed(frame);
    if (frame.type === FrameType.PONG && this.#pingOpen && frame.value === this.#pingToken) {
      this.#pingOpen = false;
      this.#roundTripMs = nowMs - this.#pingedMs;
      this.#events.roundTrip?.(this.#roundTripMs);
    }
  }

  #onClaim(frame: Frame): void {
    if (this.#side !== 'acceptor' || this.#events.claim === undefined) {
      throw new ProtocolError('L7', 'CLAIM on a link that is not on standby');
    }
    this.#events.claim(decodeEpoch(frame.payload, 'CLAIM'));
  }

  #onClaimed(frame: Frame): void {
    if (this.#side !== 'dialer' || this.#events.claimed === undefined) {
      throw new ProtocolError('L7', 'CLAIMED on a link that is not on standby');
    }
    this.#events.claimed(decodeEpoch(frame.payload, 'CLAIMED'));
  }

  #onGreeting(frame: Frame, nowMs: number): void {
    if (this.#side === 'acceptor') {
      if (this.#helloSeen && frame.type === FrameType.HELLO) throw new ProtocolError('L1', 'a second greeting');
      if (frame.type !== FrameType.HELLO) throw new ProtocolError('L2', 'the first frame has to be HELLO');
      const hello = decodeHello(frame.payload);
      if (hello.versionMin > VERSION_MAX || hello.versionMax < VERSION_MIN) {
        const message = `peer speaks ${hello.versionMin}–${hello.versionMax}, this node ${VERSION_MIN}–${VERSION_MAX}`;
        return this.end({ code: 'unsupported_version', message, final: false });
      }
      this.#helloSeen = true;
      return this.#events.hello(hello);
    }
    if (frame.type !== FrameType.WELCOME) throw new ProtocolError('L3', 'the first frame has to be WELCOME');
    const welcome = decodeWelcome(frame.payload);
    if (welcome.version < VERSION_MIN || welcome.version > VERSION_MAX) {
      throw new ProtocolError('L4', `WELCOME chose version ${welcome.version}`, 'unsupported_version');
    }
    if ((welcome.features & ~this.#self.features) !== 0)
      throw new ProtocolError('L5', 'WELCOME has features not asked for');
    this.#phase = 'up';
    this.#features = welcome.features;
    this.#deadAfterMs = Math.max(welcome.deadAfterMs, this.#self.deadAfterMs);
    this.#ping(nowMs);
    this.#events.welcome(welcome);
  }

  #onGoAway(frame: Frame): void {
    const { code, message, advice } = decodeGoAway(frame.payload);
    const final = (frame.flags & Flag.GOAWAY_FINAL) !== 0;
    const told = { code: toErrorCode(code, 'link_lost'), message, final };
    const end = advice === undefined ? told : { ...told, advice };
    // Before WELCOME it is a refusal, and a final one leaves nothing to wait for.
    if (this.#phase === 'greeting' || final) this.#finish(end, () => this.#scheduler.clear());
    else this.#events.goAway(end);
  }

  #goAwayFrame(end: LinkEnd): Frame {
    const flags = end.final ? Flag.GOAWAY_FINAL : 0;
    return new Frame(FrameType.GOAWAY, 0, 0, encodeGoAway(end, end.advice), flags);
  }

  /** `queue`: what becomes of what waits to be sent. */
  #finish(end: LinkEnd, queue: () => void): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    queue();
    this.#events.ended(end);
  }

  #push(frame: Frame): void {
    this.#scheduler.push(frame);
    if (this.#scheduler.urgentBytes > Limit.CONTROL_QUEUE_BYTES) {
      const message = `L6: ${this.#scheduler.urgentBytes} bytes of control frames wait for the peer to read`;
      this.#scheduler.clear();
      this.end({ code: 'flow_control_error', message, final: false });
      return;
    }
    this.#events.output();
  }
}
