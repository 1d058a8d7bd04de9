import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Frame } from './frame.ts';
import { FrameParser } from './frame-parser.ts';
import { breaks } from './testing/breaks-rule.ts';
import { plain } from './testing/naive-frames.ts';
import { FrameType, Limit } from './wire.ts';

const PING = new Frame(FrameType.PING, 0, 1).encode();

/** Header bytes with any numbers in them, and no payload. */
function header(type: number, stream: number, length: number): Buffer {
  const bytes = new Frame(type, stream).encode();
  bytes.writeUInt32BE(length, 12);
  return bytes;
}

function parse(...messages: Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const parser = new FrameParser((frame) => frames.push(frame));
  for (const message of messages) {
    parser.push(message);
    parser.endMessage();
  }
  return frames;
}

describe('frame parser: rules', () => {
  const broken: Record<string, Buffer> = {
    M1: Buffer.alloc(0),
    M2: PING.subarray(0, 15),
    M3: header(FrameType.DATA, 1, Limit.DATA_BYTES + 1),
    M4: Buffer.concat([header(FrameType.DATA, 1, 3), Buffer.from('ab')]),
    M5: header(0x7f, 0, 0),
    M6: header(FrameType.DATA, 1, 0),
    M7: header(FrameType.HELLO, 1, 0),
    M8: header(FrameType.ACK, 0, 4),
  };
  for (const [rule, message] of Object.entries(broken)) {
    it(rule, () => {
      assert.throws(() => parse(PING, message), breaks(rule));
    });
  }

  it('M3: the limit of control frames is another one, and holds for unknown types', () => {
    for (const type of [FrameType.OPEN, FrameType.RESET, 0x80]) {
      assert.throws(() => parse(header(type, 1, Limit.CONTROL_BYTES + 1)), breaks('M3'));
    }
  });

  it('M3: is known from the header alone, before a byte of the payload came', () => {
    const parser = new FrameParser(() => assert.fail('nothing may come out'));
    assert.throws(() => parser.push(header(FrameType.DATA, 1, 0xffff_ffff)), breaks('M3'));
  });

  it('M1 is about the whole message: an empty piece of one is nothing', () => {
    const parser = new FrameParser(() => undefined);
    parser.push(Buffer.alloc(0));
    parser.push(PING);
    parser.push(Buffer.alloc(0));
    parser.endMessage();
    assert.throws(() => parser.endMessage(), breaks('M1'));
  });

  it('M7 and M8 hold for every type that they are about', () => {
    for (const [name, type] of Object.entries(FrameType)) {
      const linkOnly = ['HELLO', 'WELCOME', 'GOAWAY', 'CLAIM', 'CLAIMED'].includes(name);
      const either = ['PING', 'PONG'].includes(name);
      const make = (stream: number) => () => parse(new Frame(type, stream, 0, Buffer.from('x')).encode());
      if (linkOnly) assert.throws(make(1), breaks('M7'), name);
      else if (!either) assert.throws(make(0), breaks('M8'), name);
      else assert.doesNotThrow(make(0), name);
    }
  });
});

describe('frame parser', () => {
  it('delivers the frames before the one that breaks a rule', () => {
    const frames: Frame[] = [];
    const parser = new FrameParser((frame) => frames.push(frame));
    assert.throws(() => parser.push(Buffer.concat([PING, header(0x7f, 0, 0)])), breaks('M5'));
    assert.equal(frames.length, 1);
  });

  it('skips optional types that it does not know, with and without payload', () => {
    const unknown = [
      new Frame(0x80, 0).encode(),
      new Frame(0xff, 9, 1, Buffer.alloc(Limit.CONTROL_BYTES)).encode(),
      PING,
    ];
    assert.deepEqual(parse(Buffer.concat(unknown)).map(plain), [plain(new Frame(FrameType.PING, 0, 1))]);
    const bytewise: Frame[] = [];
    const parser = new FrameParser((frame) => bytewise.push(frame));
    for (const byte of Buffer.concat(unknown)) parser.push(Buffer.of(byte));
    parser.endMessage();
    assert.equal(bytewise.length, 1);
  });

  it('passes DATA on at once and shares its memory', () => {
    const frames: Frame[] = [];
    const parser = new FrameParser((frame) => frames.push(frame));
    const bytes = new Frame(FrameType.DATA, 3, 10, Buffer.from('abcdef')).encode();
    parser.push(bytes.subarray(0, 18));
    assert.equal(frames[0]?.payload.toString(), 'ab');
    parser.push(bytes.subarray(18));
    assert.deepEqual(
      frames.map(({ stream, value }) => [stream, value]),
      [
        [3, 10],
        [3, 12],
      ],
    );
    assert.equal(frames[1]?.payload.buffer, bytes.buffer);
  });
});
