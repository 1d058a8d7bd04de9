import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Frame } from './frame.ts';
import { DEAD_AFTER_MS, HANDSHAKE_MS, HEARTBEAT_MS, type LinkEnd, LinkMachine } from './link.ts';
import { encodeEpoch, encodeHello, encodeReason, encodeWelcome, type Hello, type Welcome } from './payloads.ts';
import { specRules } from './testing/spec-tables.ts';
import { Flag, FrameType, Limit, Role } from './wire.ts';

const HELLO: Hello = {
  versionMin: 1,
  versionMax: 1,
  role: Role.AGENT,
  features: 0,
  deadAfterMs: DEAD_AFTER_MS,
  id: 'a_1',
  software: 'test/1',
};
const WELCOME: Welcome = {
  version: 1,
  features: 0,
  deadAfterMs: DEAD_AFTER_MS,
  epoch: 7,
  nodeId: 'w1',
  boot: 'b1',
  sessionId: 's_1',
};
const SESSION = { epoch: 7, sessionId: 's_1', boot: 'b1' };

/** One side, with what it said and what it was told. */
class Side {
  readonly events: string[] = [];
  readonly hellos: Hello[] = [];
  readonly welcomes: Welcome[] = [];
  readonly ends: LinkEnd[] = [];
  readonly goAways: LinkEnd[] = [];
  readonly roundTripsMs: number[] = [];
  readonly machine: LinkMachine;
  readonly #standby = {
    claim: (lastEpoch: number) => this.events.push(`claim ${lastEpoch}`),
    claimed: (epoch: number) => this.events.push(`claimed ${epoch}`),
  };

  /** `standby`: it may hear CLAIM and CLAIMED. */
  constructor(side: 'dialer' | 'acceptor', self: Partial<Hello> = {}, standby = false) {
    this.machine = new LinkMachine(
      side,
      { ...HELLO, ...self },
      {
        hello: (hello) => this.hellos.push(hello),
        welcome: (welcome) => this.welcomes.push(welcome),
        frame: (frame) => this.events.push(`frame ${frame.type}`),
        goAway: (end) => {
          this.events.push(`goaway ${end.code}`);
          this.goAways.push(end);
        },
        ended: (end) => this.ends.push(end),
        output: () => undefined,
        roundTrip: (ms) => this.roundTripsMs.push(ms),
        ...(standby ? this.#standby : {}),
      },
    );
    this.machine.start(0);
  }

  /** The frames that wait, as messages. */
  take(): Frame[] {
    const frames: Frame[] = [];
    for (let frame = this.machine.next(); frame !== undefined; frame = this.machine.next()) frames.push(frame);
    return frames;
  }

  hear(frame: Frame, nowMs = 0): void {
    this.machine.receive(frame.encode(), true, nowMs);
  }

  get end(): LinkEnd | undefined {
    return this.ends[0];
  }
}

/** A dialer and an acceptor whose greeting is done. */
function pair(
  dialing: Partial<Hello> = {},
  accepting: Partial<Hello> = {},
  standby = false,
): { dialer: Side; acceptor: Side } {
  const dialer = new Side('dialer', dialing, standby);
  const acceptor = new Side('acceptor', { role: Role.WORKER, id: 'w1', ...accepting }, standby);
  for (const frame of dialer.take()) acceptor.hear(frame);
  acceptor.machine.welcome(acceptor.hellos[0] ?? assert.fail('no HELLO came'), SESSION);
  for (const frame of acceptor.take()) dialer.hear(frame);
  return { dialer, acceptor };
}

function carry(from: Side, to: Side, nowMs: number): void {
  for (const frame of from.take()) to.hear(frame, nowMs);
}

describe('greeting', () => {
  it('HELLO, WELCOME, up', () => {
    const { dialer, acceptor } = pair();
    assert.ok(dialer.machine.up && acceptor.machine.up);
    assert.deepEqual(acceptor.hellos, [HELLO]);
    assert.deepEqual(dialer.welcomes, [WELCOME]);
  });

  it('nothing else is sent before the link is up', () => {
    const dialer = new Side('dialer');
    dialer.machine.send(new Frame(FrameType.ACK, 1));
    assert.deepEqual(
      dialer.take().map(({ type }) => type),
      [FrameType.HELLO],
    );
  });

  it('a newer peer that still speaks our version is let in; the highest common one is taken', () => {
    const { dialer } = pair({ versionMin: 1, versionMax: 9 });
    assert.equal(dialer.welcomes[0]?.version, 1);
  });

  it('peers without a common version part with unsupported_version', () => {
    for (const [versionMin, versionMax] of [
      [2, 9],
      [0, 0],
    ] as const) {
      const dialer = new Side('dialer', { versionMin, versionMax });
      const acceptor = new Side('acceptor');
      carry(dialer, acceptor, 0);
      carry(acceptor, dialer, 0);
      for (const { end } of [dialer, acceptor]) {
        assert.partialDeepStrictEqual(end, { code: 'unsupported_version', final: false });
      }
      assert.equal(acceptor.hellos.length, 0);
    }
  });

  it('the features that both have are in force, unknown bits are not', () => {
    const { dialer, acceptor } = pair({ features: 0b1011 }, { features: 0b0011 });
    assert.deepEqual([dialer.machine.features, acceptor.machine.features], [0b0011, 0b0011]);
  });

  it('an optional frame that nobody knows is skipped, in the greeting and later', () => {
    const acceptor = new Side('acceptor');
    acceptor.hear(new Frame(0x90, 0, 1, Buffer.from('x')));
    acceptor.hear(new Frame(FrameType.HELLO, 0, 0, encodeHello(HELLO)));
    acceptor.machine.welcome(HELLO, SESSION);
    acceptor.hear(new Frame(0x90, 5));
    assert.deepEqual([acceptor.hellos.length, acceptor.events, acceptor.end], [1, [], undefined]);
  });

  for (const side of ['dialer', 'acceptor'] as const) {
    it(`a ${side} waits ${HANDSHAKE_MS} ms for it and no longer`, () => {
      const waiting = new Side(side);
      assert.equal(waiting.machine.nextDeadlineMs, HANDSHAKE_MS);
      waiting.machine.tick(HANDSHAKE_MS - 1);
      assert.equal(waiting.ends.length, 0);
      waiting.machine.tick(HANDSHAKE_MS);
      assert.equal(waiting.end?.code, 'timeout');
      assert.equal(waiting.machine.nextDeadlineMs, undefined);
    });
  }

  it('a welcome that comes too late, because the claim was slow, changes nothing', () => {
    const acceptor = new Side('acceptor');
    acceptor.hear(new Frame(FrameType.HELLO, 0, 0, encodeHello(HELLO)));
    acceptor.machine.tick(HANDSHAKE_MS);
    acceptor.take();
    acceptor.machine.welcome(HELLO, SESSION);
    assert.deepEqual([acceptor.machine.up, acceptor.take()], [false, []]);
  });
});

describe('heartbeat', () => {
  it('the dialer pings at once and every 5 s, and knows the round trip', () => {
    const { dialer, acceptor } = pair();
    for (const at of [0, HEARTBEAT_MS, 2 * HEARTBEAT_MS]) {
      dialer.machine.tick(at);
      const pings = dialer.take();
      assert.deepEqual(
        pings.map(({ type, stream }) => [type, stream]),
        [[FrameType.PING, 0]],
      );
      for (const ping of pings) acceptor.hear(ping, at + 15);
      carry(acceptor, dialer, at + 30);
      assert.equal(dialer.machine.roundTripMs, 30);
    }
    assert.equal(dialer.machine.nextDeadlineMs, 3 * HEARTBEAT_MS);
    assert.deepEqual([dialer.roundTripsMs, acceptor.roundTripsMs], [[30, 30, 30], []]);
  });

  it('a pong that nobody asked for, or an old one, measures nothing', () => {
    const { dialer } = pair();
    dialer.hear(new Frame(FrameType.PONG, 0, 999), 50);
    assert.equal(dialer.machine.roundTripMs, undefined);
    dialer.hear(new Frame(FrameType.PONG, 0, 1), 60);
    dialer.hear(new Frame(FrameType.PONG, 0, 1), 9_000);
    assert.equal(dialer.machine.roundTripMs, 60);
    assert.deepEqual(dialer.roundTripsMs, [60]);
  });

  it('a peer that is silent for 12 s is dead, on both sides', () => {
    const { dialer, acceptor } = pair();
    for (const side of [dialer, acceptor]) {
      side.hear(new Frame(FrameType.PONG, 0), 1_000);
      for (const at of [HEARTBEAT_MS, 2 * HEARTBEAT_MS, 1_000 + DEAD_AFTER_MS - 1]) side.machine.tick(at);
      assert.equal(side.ends.length, 0);
      side.machine.tick(1_000 + DEAD_AFTER_MS);
      assert.equal(side.end?.code, 'link_timeout');
    }
  });

  it('any byte that is heard is a sign of life', () => {
    const { acceptor } = pair();
    const bytes = new Frame(FrameType.DATA, 1, 0, Buffer.alloc(100)).encode();
    acceptor.machine.receive(bytes.subarray(0, 17), false, 11_000);
    acceptor.machine.receive(bytes.subarray(17, 18), false, 22_000);
    acceptor.machine.tick(DEAD_AFTER_MS + 21_000);
    assert.equal(acceptor.end, undefined);
  });

  it('both sides wait for the longer of the two times', () => {
    const { dialer, acceptor } = pair({ deadAfterMs: 20_000 }, { deadAfterMs: 12_000 });
    for (const side of [dialer, acceptor]) {
      side.machine.tick(19_999);
      assert.equal(side.ends.length, 0);
      side.machine.tick(20_000);
      assert.equal(side.end?.code, 'link_timeout');
    }
  });
});

describe('standby', () => {
  it('CLAIM and CLAIMED carry their epochs, and the link is one like any other', () => {
    const { dialer, acceptor } = pair({}, {}, true);
    dialer.take();
    dialer.machine.claim(2 ** 50);
    carry(dialer, acceptor, 0);
    assert.deepEqual(acceptor.events, [`claim ${2 ** 50}`]);
    acceptor.machine.claimed(2 ** 50 + 1);
    carry(acceptor, dialer, 0);
    assert.deepEqual(dialer.events, [`claimed ${2 ** 50 + 1}`]);
    assert.ok(dialer.machine.up && acceptor.machine.up);
  });

  it('nothing is claimed before the link is up, or behind its end', () => {
    const dialer = new Side('dialer', {}, true);
    dialer.take();
    dialer.machine.claim(1);
    assert.deepEqual(dialer.take(), []);
    const ended = pair({}, {}, true).acceptor;
    ended.take();
    ended.machine.lost('gone');
    ended.machine.claimed(1);
    assert.deepEqual(ended.take(), []);
  });

  it('each has its own direction', () => {
    const claimed = new Frame(FrameType.CLAIMED, 0, 0, encodeEpoch(1));
    const claim = new Frame(FrameType.CLAIM, 0, 0, encodeEpoch(1));
    const { dialer, acceptor } = pair({}, {}, true);
    dialer.hear(claim);
    acceptor.hear(claimed);
    for (const { end } of [dialer, acceptor]) assert.match(end?.message ?? '', /^L7: /);
  });
});

describe('the end', () => {
  it('GOAWAY: asks to leave, and both go on', () => {
    const { dialer, acceptor } = pair();
    dialer.take();
    acceptor.machine.goAway('draining', 'please leave');
    carry(acceptor, dialer, 0);
    assert.deepEqual(dialer.events, ['goaway draining']);
    assert.ok(dialer.machine.up && acceptor.machine.up);
    dialer.machine.send(new Frame(FrameType.ACK, 1, 0, Buffer.alloc(4)));
    carry(dialer, acceptor, 0);
    assert.deepEqual(acceptor.events, [`frame ${FrameType.ACK}`]);
    assert.equal('advice' in (dialer.goAways[0] ?? {}), false);
  });

  it('GOAWAY with advice: where to go, and how much later', () => {
    const { dialer, acceptor } = pair();
    const advice = { target: 'w_2', delayMs: 1_500 };
    acceptor.machine.goAway('draining', 'please leave', advice);
    acceptor.machine.goAway('draining', 'once more', { target: 'w_3', delayMs: 0 });
    carry(acceptor, dialer, 0);
    assert.deepEqual(dialer.goAways, [
      { code: 'draining', message: 'please leave', final: false, advice },
      { code: 'draining', message: 'once more', final: false, advice: { target: 'w_3', delayMs: 0 } },
    ]);
    assert.ok(dialer.machine.up && acceptor.machine.up);
  });

  it('final: over at once, once, and said to be final', () => {
    const { dialer, acceptor } = pair();
    dialer.machine.send(new Frame(FrameType.ACK, 1));
    acceptor.machine.send(new Frame(FrameType.DATA, 1, 0, Buffer.alloc(4)));
    acceptor.machine.send(new Frame(FrameType.RESET, 1));
    const end: LinkEnd = { code: 'superseded', message: 'another agent', final: true };
    acceptor.machine.end(end);
    acceptor.machine.end({ ...end, code: 'internal' });
    acceptor.machine.lost('gone');
    const words = acceptor.take();
    assert.deepEqual(
      words.map(({ type, flags }) => [type, flags]),
      [
        [FrameType.RESET, 0],
        [FrameType.GOAWAY, Flag.GOAWAY_FINAL],
      ],
      'what streams carried is forgotten, last words are not',
    );
    for (const frame of words) dialer.hear(frame);
    dialer.hear(new Frame(FrameType.ACK, 1));
    assert.deepEqual([acceptor.ends, dialer.ends], [[end], [end]]);
    assert.deepEqual(dialer.events, [`frame ${FrameType.RESET}`], 'what came behind the end is ignored');
    assert.deepEqual(dialer.take(), []);
  });

  it('GOAWAY instead of WELCOME is a refusal, final or not', () => {
    for (const final of [true, false]) {
      const dialer = new Side('dialer');
      const acceptor = new Side('acceptor');
      carry(dialer, acceptor, 0);
      acceptor.machine.end({ code: 'draining', message: 'no room', final });
      carry(acceptor, dialer, 0);
      assert.deepEqual(dialer.ends, [{ code: 'draining', message: 'no room', final }]);
    }
  });

  it('a code from the future is taken for link_lost', () => {
    const dialer = new Side('dialer');
    dialer.hear(new Frame(FrameType.GOAWAY, 0, 0, encodeReason({ code: 'moved_to_mars', message: '' })));
    assert.equal(dialer.end?.code, 'link_lost');
  });

  it('a transport that is gone: link_lost, and nobody is told', () => {
    const { dialer } = pair();
    dialer.take();
    dialer.machine.lost('ECONNRESET');
    assert.deepEqual([dialer.end?.code, dialer.take()], ['link_lost', []]);
  });
});

describe('rules of links', () => {
  const greet = (over: Partial<Welcome>) => new Frame(FrameType.WELCOME, 0, 0, encodeWelcome({ ...WELCOME, ...over }));
  const hello = new Frame(FrameType.HELLO, 0, 0, encodeHello(HELLO));
  const broken: Record<string, () => Side> = {
    L1: () => told(pair().acceptor, hello),
    'L1, before WELCOME': () => {
      const acceptor = told(told(new Side('acceptor'), hello), hello);
      assert.equal(acceptor.hellos.length, 1, 'a session must not be claimed twice for one link');
      return acceptor;
    },
    'L1 at the dialer': () => told(pair().dialer, greet({})),
    L2: () => told(new Side('acceptor'), new Frame(FrameType.PING, 0)),
    'L2, behind HELLO': () => told(told(new Side('acceptor'), hello), new Frame(FrameType.OPEN, 1)),
    L3: () => told(new Side('dialer'), new Frame(FrameType.OPEN, 1)),
    L4: () => told(new Side('dialer'), greet({ version: 2 })),
    L5: () => told(new Side('dialer', { features: 1 }), greet({ features: 3 })),
    L6: () => {
      const { acceptor } = pair();
      for (let i = 0; i <= Limit.CONTROL_QUEUE_BYTES / 16; i += 1) acceptor.hear(new Frame(FrameType.PING, 0, i));
      assert.ok(acceptor.machine.queuedBytes < 1_000);
      return acceptor;
    },
    L7: () => told(pair().acceptor, new Frame(FrameType.CLAIM, 0, 0, encodeEpoch(1))),
    'L7 at the dialer': () => told(pair().dialer, new Frame(FrameType.CLAIMED, 0, 0, encodeEpoch(1))),
    M5: () => told(pair().dialer, new Frame(0x7f, 0)),
    P5: () => told(new Side('acceptor'), new Frame(FrameType.HELLO, 0, 0, Buffer.alloc(40))),
    P1: () => told(pair().dialer, new Frame(FrameType.GOAWAY, 0)),
  };
  const rules = specRules();

  for (const [name, run] of Object.entries(broken)) {
    const rule = name.slice(0, 2);
    it(`${name}: ends the link, and the peer is told`, () => {
      const side = run();
      assert.equal(side.ends.length, 1);
      assert.equal(side.end?.message.split(':')[0], rule);
      assert.partialDeepStrictEqual(side.end, { code: rules.get(rule)?.code, final: false });
      assert.equal(side.take().at(-1)?.type, FrameType.GOAWAY);
    });
  }

  it('every rule of SPEC.md that is about links is broken above', () => {
    for (const rule of rules.keys()) if (rule.startsWith('L')) assert.ok(Object.hasOwn(broken, rule), rule);
  });

  it('what is no fault of the peer is not taken for one', () => {
    const machine = new LinkMachine('dialer', HELLO, {
      hello: () => undefined,
      welcome: () => {
        throw new TypeError('a fault of our own');
      },
      frame: () => undefined,
      goAway: () => undefined,
      ended: () => assert.fail('the peer did nothing wrong'),
      output: () => undefined,
    });
    machine.start(0);
    assert.throws(() => machine.receive(greet({}).encode(), true, 0), TypeError);
  });
});

function told(side: Side, frame: Frame): Side {
  side.take();
  side.hear(frame);
  return side;
}
