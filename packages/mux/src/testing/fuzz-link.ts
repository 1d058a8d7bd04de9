import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { Budget } from '../budget.ts';
import { Frame } from '../frame.ts';
import { DEAD_AFTER_MS, LinkMachine } from '../link.ts';
import { encodeHello, encodeOpen, encodeReason, encodeResume, encodeWelcome, encodeWindow } from '../payloads.ts';
import type { StreamEnd } from '../stream.ts';
import { StreamStore } from '../stream-store.ts';
import { Streams } from '../streams.ts';
import { Flag, FrameType, KEY_BYTES, Limit, Role } from '../wire.ts';
import type { Random } from './random.ts';
import { freshRequest, SMALL_WINDOW } from './stream-pair.ts';

const SELF = { versionMin: 1, versionMax: 1, features: 0, deadAfterMs: DEAD_AFTER_MS, id: 'n_1', software: 'fuzz/1' };
const WELCOME = {
  version: 1,
  features: 0,
  deadAfterMs: DEAD_AFTER_MS,
  epoch: 1,
  nodeId: 'w',
  boot: 'b',
  sessionId: '',
};
const REASON = { code: 'aborted', message: 'x' };
const MAX_STREAMS = 20;
/** A peer may leave this much unread of what it asked for. */
const QUEUE_BYTES = Limit.CONTROL_QUEUE_BYTES + 1_000_000;

/** One end as it runs in a process: a machine, its streams, and owners that do what owners may do. */
class Target {
  readonly budget = new Budget(1_000_000);
  readonly accepts: boolean;
  /** How many streams this end has asked for. */
  opens = 0;
  readonly #random: Random;
  readonly #streams: Streams;
  readonly #machine: LinkMachine;
  readonly #store: StreamStore;
  readonly #open: StreamEnd[] = [];
  #nowMs = 0;
  #ended = false;

  constructor(random: Random, side: 'dialer' | 'acceptor', accepts: boolean) {
    this.#random = random;
    this.accepts = accepts;
    const common = { nowMs: () => this.#nowMs, budget: this.budget, window: SMALL_WINDOW };
    this.#store = new StreamStore(common);
    this.#streams = new Streams({
      ...common,
      store: this.#store,
      send: (frame) => this.#machine.send(frame),
      drop: (stream) => this.#machine.drop(stream),
      maxStreams: MAX_STREAMS,
      ...(accepts
        ? {
            accept: (pending) => {
              if (random.chance(0.2)) pending.refuse('target_denied', '');
              else if (random.chance(0.8)) this.#own(pending.accept() as StreamEnd);
            },
          }
        : {}),
    });
    this.#streams.resumable = random.chance(0.5);
    this.#machine = new LinkMachine(
      side,
      { ...SELF, role: Role.AGENT },
      {
        hello: (hello) => this.#machine.welcome(hello, { epoch: 1, sessionId: 's', boot: 'b' }),
        welcome: () => undefined,
        frame: (frame) => this.#streams.receive(frame),
        goAway: () => undefined,
        ended: () => {
          assert.ok(!this.#ended, 'a link ends once');
          this.#ended = true;
          this.#streams.lost('link_lost', '');
        },
        output: () => undefined,
      },
    );
    this.#machine.start(0);
  }

  hear(message: Buffer): void {
    const pieces = this.#random.cut(message);
    for (const [i, piece] of pieces.entries()) this.#machine.receive(piece, i === pieces.length - 1, this.#nowMs);
    this.#act();
    assert.ok(this.#machine.queuedBytes <= QUEUE_BYTES, 'what waits to be sent is bounded');
    assert.ok(this.#streams.size <= MAX_STREAMS, 'streams are bounded');
    for (const stream of this.#open) assert.ok(stream.unconsumed <= SMALL_WINDOW.maxBytes, 'what is held is bounded');
  }

  /** The end: nothing is left, whatever came before. */
  finish(): void {
    for (let i = 0; i < 10 && !this.#ended; i += 1) {
      this.#nowMs += DEAD_AFTER_MS;
      this.#machine.tick(this.#nowMs);
    }
    assert.ok(this.#ended, 'a silent link ends');
    assert.equal(this.#streams.size, 0);
    for (const stream of this.#open) assert.ok(stream.closed || this.#streams.resumable, 'no path, no stream');
    this.#store.breakOff('resume_expired', '');
    for (const stream of this.#open) stream.expire('');
    assert.deepEqual([this.#store.size, this.#store.detached, this.budget.reserved], [0, 0, 0]);
    this.#take(10);
  }

  #own(stream: StreamEnd): void {
    this.#open.push(stream);
    let ended = false;
    stream.attach({
      data: (payload) => {
        if (this.#random.chance(0.7)) stream.consume(payload.length);
      },
      end: () => {
        assert.ok(!ended, 'one end');
        ended = true;
        stream.consume(stream.unconsumed);
        stream.consumeEnd();
      },
      reset: () => assert.ok(stream.closed),
      writable: () => undefined,
    });
  }

  #act(): void {
    this.#nowMs += this.#random.below(100);
    const mayOpen = !this.accepts && this.#machine.up && this.#streams.size < MAX_STREAMS;
    if (mayOpen && this.#random.chance(0.3)) {
      this.opens += 1;
      this.#streams.open(freshRequest(), { opened: (stream) => this.#own(stream), refused: () => undefined });
    }
    if (this.#open.length > 0) {
      const stream = this.#random.pick(this.#open);
      stream.write(Buffer.alloc(this.#random.below(stream.credit + 1)));
      if (this.#random.chance(0.1)) stream.end();
      if (this.#random.chance(0.05)) stream.reset('aborted');
    }
    if (this.#random.chance(0.8)) this.#take(50);
    this.#machine.tick(this.#nowMs);
  }

  #take(frames: number): void {
    for (let i = 0; i < frames; i += 1) {
      const frame = this.#machine.next();
      if (frame === undefined) return;
      assert.ok(frame.payload.length <= Limit.DATA_BYTES && frame.encode().length === frame.bytes);
    }
  }
}

/** The other end: what it says is mostly what it could say, so that conversations get somewhere. */
class Peer {
  readonly #random: Random;
  readonly #target: Target;
  /** Of each stream, the next offset to send. */
  readonly #offsets = new Map<number, number>();
  /** Keys that were used; now and then one is used again. */
  readonly #keys: Buffer[] = [];
  #opened = 0;
  #answered = 0;

  constructor(random: Random, target: Target) {
    this.#random = random;
    this.#target = target;
  }

  frame(): Frame {
    const random = this.#random;
    if (this.#target.accepts && (this.#opened === 0 || random.chance(0.1))) return this.#open();
    if (this.#answered < this.#target.opens && random.chance(0.8)) return this.#answer();
    const highest = this.#target.accepts ? this.#opened : this.#answered;
    if (highest === 0 || random.chance(0.05)) return new Frame(FrameType.PING, 0, random.below(99));
    if (random.chance(0.005)) return this.#anything();
    return this.#ofStream(1 + random.below(highest));
  }

  #open(): Frame {
    this.#opened += 1;
    const random = this.#random;
    const known = this.#keys.length > 0 && random.chance(0.3);
    const key = known ? random.pick(this.#keys) : random.bytes(KEY_BYTES);
    this.#keys.push(key);
    const request = freshRequest({ key, attempt: random.below(4) });
    if (!known || random.chance(0.3)) {
      return new Frame(FrameType.OPEN, this.#opened, random.below(9_000), encodeOpen(request));
    }
    const payload = encodeResume({ window: random.below(9_000), request });
    const flags = random.chance(0.1) ? Flag.ACK_END : 0;
    return new Frame(FrameType.RESUME, this.#opened, random.chance(0.7) ? 0 : random.below(500), payload, flags);
  }

  #answer(): Frame {
    this.#answered += 1;
    const refused = this.#random.chance(0.1);
    const payload = refused ? encodeReason(REASON) : encodeWindow(this.#random.below(9_000));
    return new Frame(refused ? FrameType.REFUSED : FrameType.OPENED, this.#answered, 0, payload);
  }

  #ofStream(stream: number): Frame {
    const random = this.#random;
    const offset = this.#offsets.get(stream) ?? 0;
    const value = random.chance(0.97) ? offset : random.below(2 ** 48);
    if (random.chance(0.6)) {
      const payload = random.bytes(1 + random.below(300));
      this.#offsets.set(stream, offset + payload.length);
      return new Frame(FrameType.DATA, stream, value, payload);
    }
    // 0 is the one offset that can always be acknowledged.
    if (random.chance(0.5)) {
      const acked = random.chance(0.9) ? 0 : random.below(500);
      return new Frame(FrameType.ACK, stream, acked, encodeWindow(9_000 + random.below(9_000)), random.below(8) >> 2);
    }
    if (random.chance(0.4)) return new Frame(FrameType.FIN, stream, value);
    if (random.chance(0.2)) return new Frame(FrameType.DETACH, stream);
    if (random.chance(0.2)) return new Frame(FrameType.RESET, stream, 0, encodeReason(REASON));
    return new Frame(random.pick([FrameType.PING, FrameType.PONG]), stream, 1 + random.below(3));
  }

  #anything(): Frame {
    const random = this.#random;
    const payload = random.pick([encodeWindow(1), encodeReason(REASON), Buffer.alloc(0)]);
    const type = random.pick(Object.values(FrameType));
    return new Frame(type, random.below(9), random.below(2 ** 48), payload, random.below(256));
  }
}

/** One conversation with one end, from its first byte to its end. Throws when a promise is broken. */
export function fuzzLinkOnce(random: Random): void {
  const side = random.pick(['dialer', 'acceptor'] as const);
  const target = new Target(random, side, random.chance(0.5));
  const greeting =
    side === 'acceptor'
      ? new Frame(FrameType.HELLO, 0, 0, encodeHello({ ...SELF, role: Role.AGENT }))
      : new Frame(FrameType.WELCOME, 0, 0, encodeWelcome(WELCOME));
  const wild = random.chance(0.2);
  if (random.chance(0.95)) target.hear(greeting.encode());
  const peer = new Peer(random, target);
  const spoil = random.pick([0, 0.02, 0.3]);
  for (let i = random.below(60); i >= 0; i -= 1) {
    const frames = Array.from({ length: 1 + random.below(4) }, () => peer.frame().encode());
    const message = wild ? random.bytes(random.below(200)) : Buffer.concat(frames);
    target.hear(random.chance(spoil) ? random.mutated(message) : message);
  }
  target.finish();
}
