import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Frame, ProtocolError } from './frame.ts';
import { encodeOpen, encodeReason, encodeWindow } from './payloads.ts';
import { plain } from './testing/naive-frames.ts';
import { specRules } from './testing/spec-tables.ts';
import { REQUEST, Recorder, StreamPair } from './testing/stream-pair.ts';
import { Flag, FrameType, Limit } from './wire.ts';

const OPEN = encodeOpen(REQUEST);
const data = (offset: number, bytes = 1) => new Frame(FrameType.DATA, 1, offset, Buffer.alloc(bytes));
const ack = (offset: number, window: number, flags = 0) =>
  new Frame(FrameType.ACK, 1, offset, encodeWindow(window), flags);
const fin = (offset: number) => new Frame(FrameType.FIN, 1, offset);

/** What a frame leads to: the link is over, or one stream is, with the code that its owner and its peer are told. */
interface Outcome {
  readonly rule: string;
  readonly ends: string;
  readonly code: string;
}

/** Sets a scene in which the last frame breaks a rule: at which end, in which state, what came before. */
interface Scene {
  readonly at: 'edge' | 'agent';
  readonly phase: 'none' | 'opening' | 'open';
  /** Bytes that the end itself has sent; and whether it has ended. */
  readonly sent?: number;
  readonly before?: readonly Frame[];
  readonly breaker: Frame;
}

/** Another stream is open on the same path all the time, and must not be touched by what happens to the first. */
function play(scene: Scene): Outcome {
  const pair = new StreamPair();
  const lane = scene.at === 'edge' ? pair.toAgent : pair.toEdge;
  const told: string[] = [];
  if (scene.phase === 'open') {
    const ends = pair.open();
    const stream = ends[scene.at];
    const recorder = new Recorder(stream);
    stream.onClosed(() => told.push(...recorder.events));
    stream.write(Buffer.alloc(scene.sent ?? 0));
  } else if (scene.phase === 'opening') {
    const asked = pair.ask();
    pair.deliver();
    pair.pending[0]?.onCancelled(() => told.push('cancelled'));
    if (scene.at === 'edge') asked.answers.push = (...items: string[]) => told.push(...items);
  }
  pair.deliver();
  const bystander = scene.phase === 'none' ? undefined : openBeside(pair);
  const end = pair[scene.at];
  for (const frame of scene.before ?? []) end.receive(frame);
  while (lane.scheduler.next() !== undefined);
  try {
    end.receive(scene.breaker);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { rule: error.rule, ends: 'link', code: error.code };
  }
  const answer = lane.scheduler.next() ?? assert.fail('nothing was answered');
  assert.ok(answer.type === FrameType.RESET || answer.type === FrameType.REFUSED);
  assert.equal(answer.stream, scene.breaker.stream);
  assert.ok(scene.phase === 'none' || told.length > 0, 'nobody was told');
  assert.equal(end.size, bystander === undefined ? 0 : 1);
  assert.notEqual(bystander?.closed, true);
  const { code, message } = reasonIn(answer);
  return { rule: message.split(':')[0] ?? '', ends: 'stream', code };
}

function openBeside(pair: StreamPair) {
  const held = pair.pending.splice(0);
  const { edge } = pair.open();
  pair.pending.push(...held);
  return edge;
}

function reasonIn(frame: Frame): { code: string; message: string } {
  const length = frame.payload[0] ?? 0;
  return { code: frame.payload.toString('utf8', 1, 1 + length), message: frame.payload.toString('utf8', 3 + length) };
}

const SCENES: Record<string, Scene> = {
  T1: { at: 'agent', phase: 'none', breaker: data(0) },
  'T1 at the edge': { at: 'edge', phase: 'none', breaker: new Frame(FrameType.RESUMED, 9) },
  T2: { at: 'edge', phase: 'open', breaker: new Frame(FrameType.OPEN, 3, 0, OPEN) },
  T3: { at: 'agent', phase: 'open', breaker: new Frame(FrameType.OPEN, 2, 0, OPEN) },
  T4: { at: 'agent', phase: 'none', breaker: new Frame(FrameType.OPEN, 1, Limit.WINDOW_BYTES + 1, OPEN) },
  T5: { at: 'edge', phase: 'opening', breaker: data(0) },
  'T5, PING': { at: 'edge', phase: 'opening', breaker: new Frame(FrameType.PING, 1, 1) },
  'T5, RESUMED': { at: 'edge', phase: 'opening', breaker: new Frame(FrameType.RESUMED, 1) },
  T6: { at: 'agent', phase: 'opening', breaker: data(0) },
  'T6, DETACH': { at: 'agent', phase: 'opening', breaker: new Frame(FrameType.DETACH, 1) },
  T7: { at: 'edge', phase: 'open', breaker: new Frame(FrameType.RESUME, 3) },
  R1: { at: 'agent', phase: 'open', before: [fin(0)], breaker: data(0) },
  R2: { at: 'agent', phase: 'open', before: [data(0, 5)], breaker: data(4) },
  'R2, a gap': { at: 'edge', phase: 'open', before: [data(0, 5)], breaker: data(6) },
  R3: { at: 'agent', phase: 'open', breaker: data(0, 1_001) },
  R4: { at: 'edge', phase: 'open', before: [fin(0)], breaker: fin(0) },
  R5: { at: 'agent', phase: 'open', before: [data(0, 5)], breaker: fin(4) },
  R6: { at: 'edge', phase: 'open', breaker: new Frame(FrameType.OPENED, 1, 0, encodeWindow(1)) },
  'R6, RESUME': { at: 'agent', phase: 'open', breaker: new Frame(FrameType.RESUME, 1) },
  'R6, DETACH': { at: 'edge', phase: 'open', breaker: new Frame(FrameType.DETACH, 1) },
  S1: { at: 'edge', phase: 'open', sent: 5, breaker: ack(6, 1_000) },
  S2: { at: 'edge', phase: 'open', sent: 5, before: [ack(5, 1_000)], breaker: ack(4, 1_001) },
  S3: { at: 'agent', phase: 'open', sent: 5, breaker: ack(5, 994) },
  S4: { at: 'agent', phase: 'open', sent: 5, breaker: ack(5, 1_000, Flag.ACK_END) },
};

describe('rules of streams', () => {
  const rules = specRules();
  for (const [name, scene] of Object.entries(SCENES)) {
    const rule = name.slice(0, 2);
    it(`${name}: ends the ${rules.get(rule)?.ends}`, () => {
      assert.deepEqual(play(scene), { ...rules.get(rule) });
    });
  }

  it('every rule of SPEC.md that is about streams is broken above', () => {
    for (const rule of rules.keys()) if (/^[TRS]/.test(rule)) assert.ok(Object.hasOwn(SCENES, rule), rule);
  });

  it('a payload that cannot be read costs the stream: ACK, RESET, OPENED, REFUSED, OPEN', () => {
    const bad = (type: number, payload: string) => new Frame(type, 1, 0, Buffer.from(payload, 'hex'));
    const scenes: [string, Scene][] = [
      ['P1', { at: 'edge', phase: 'open', breaker: bad(FrameType.ACK, '000001') }],
      ['P12', { at: 'edge', phase: 'open', breaker: bad(FrameType.ACK, 'ffffffff') }],
      ['P11', { at: 'agent', phase: 'open', breaker: bad(FrameType.RESET, '01410000') }],
      ['P1', { at: 'edge', phase: 'opening', breaker: bad(FrameType.OPENED, '') }],
      ['P4', { at: 'edge', phase: 'opening', breaker: bad(FrameType.REFUSED, '01610001ff') }],
      ['P1', { at: 'agent', phase: 'none', breaker: bad(FrameType.OPEN, '00') }],
    ];
    for (const [rule, scene] of scenes) {
      assert.deepEqual(play(scene), { rule, ends: 'stream', code: 'protocol_error' }, rule);
    }
  });

  it('frames that were under way when the stream ended are no fault', () => {
    const pair = new StreamPair();
    const { edge } = pair.open();
    edge.reset('aborted');
    for (const frame of [data(7), ack(9, 0), fin(3), new Frame(FrameType.RESET, 1, 0, encodeReason(REASON))]) {
      pair.edge.receive(frame);
    }
    assert.equal(pair.edge.size, 0);
  });

  it('a PING on an open stream is answered by the other end, a PONG that nobody asked for is ignored', () => {
    const pair = new StreamPair();
    pair.open();
    pair.edge.receive(new Frame(FrameType.PONG, 1, 99));
    pair.edge.receive(new Frame(FrameType.PING, 1, 7));
    const answer = pair.toAgent.scheduler.next() ?? assert.fail();
    assert.deepEqual(plain(answer), plain(new Frame(FrameType.PONG, 1, 7)));
  });
});

const REASON = { code: 'aborted', message: '' };
