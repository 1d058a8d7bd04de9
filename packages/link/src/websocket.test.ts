import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { Frame, FrameParser, FrameType, Limit } from '@culvert/mux';
import { fuzz } from '@culvert/mux/testing';
import { fuzzReaderOnce } from './testing/fuzz-reader.ts';
import { readMessages, wsFrame } from './testing/ws-frames.ts';
import { type Masking, WebSocketWriter } from './websocket-writer.ts';

describe('WebSocketReader', () => {
  const key = Buffer.from('a1b2c3d4', 'hex');
  /** What a client may send: fragments, a ping between them, all three forms of length, a close. */
  const client = Buffer.concat([
    wsFrame(2, 'one', { key }),
    wsFrame(2, 'two ', { key, final: false }),
    wsFrame(9, 'ping', { key }),
    wsFrame(0, '', { key, final: false }),
    wsFrame(0, 'three', { key }),
    wsFrame(2, 'x'.repeat(126), { key: Buffer.alloc(4) }),
    wsFrame(2, 'y'.repeat(66_000), { key }),
    wsFrame(10, 'a pong that nobody asked for', { key }),
    wsFrame(8, Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from('bye')]), { key }),
  ]);
  const expected = ['one', 'ping ping', 'two three', 'x'.repeat(126), 'y'.repeat(66_000), 'close 1000 bye'];

  it('reads what a client sends, byte by byte', () => {
    const bytes = [...client].map((byte) => Buffer.of(byte));
    assert.deepEqual(readMessages('client', bytes), expected);
  });

  it('reads it cut at every place where something changes', () => {
    const cuts = [...Array(600).keys(), ...Array.from({ length: 80 }, (_, i) => client.length - 1 - i)];
    for (const cut of cuts) {
      const copy = Buffer.from(client);
      assert.deepEqual(readMessages('client', [copy.subarray(0, cut), copy.subarray(cut)]), expected, `cut at ${cut}`);
    }
  });

  it('reads what a server sends, unmasked', () => {
    const bytes = Buffer.concat([wsFrame(2, 'hello'), wsFrame(9, ''), wsFrame(2, ''), wsFrame(8, '')]);
    assert.deepEqual(readMessages('server', [bytes]), ['hello', 'ping ', '', 'close 1005 ']);
  });

  const masked = { key };
  const violations: [string, 'client' | 'server', Buffer[], string][] = [
    ['a reserved bit', 'server', [wsFrame(2, 'x', { reserved: 0x40 })], 'protocol_error'],
    ['an unmasked client', 'client', [wsFrame(2, 'x')], 'protocol_error'],
    ['a masked server', 'server', [wsFrame(2, 'x', masked)], 'protocol_error'],
    ['text', 'server', [wsFrame(1, 'x')], 'protocol_error'],
    ['an unknown data opcode', 'server', [wsFrame(3, 'x')], 'protocol_error'],
    ['an unknown control opcode', 'server', [wsFrame(11, '')], 'protocol_error'],
    ['a continuation of nothing', 'server', [wsFrame(0, 'x')], 'protocol_error'],
    ['a message inside a message', 'server', [wsFrame(2, 'x', { final: false }), wsFrame(2, 'y')], 'protocol_error'],
    ['a fragmented ping', 'server', [wsFrame(9, 'x', { final: false })], 'protocol_error'],
    ['a long ping', 'server', [wsFrame(9, 'x'.repeat(126))], 'protocol_error'],
    ['a close of one byte', 'server', [wsFrame(8, 'x')], 'protocol_error'],
    ['a message too long', 'server', [wsFrame(2, 'x'.repeat(70_001))], 'frame_too_large'],
    [
      'a message too long in fragments',
      'server',
      [wsFrame(2, 'x'.repeat(40_000), { final: false }), wsFrame(0, 'x'.repeat(40_000))],
      'frame_too_large',
    ],
    ['4 GiB and more', 'server', [Buffer.from('827f0000000100000000', 'hex')], 'frame_too_large'],
    ['more than JavaScript counts', 'server', [Buffer.from('827fffffffffffffffff', 'hex')], 'frame_too_large'],
  ];
  for (const [name, side, frames, code] of violations) {
    it(`refuses ${name}, however it is cut`, () => {
      const bytes = Buffer.concat(frames);
      assert.throws(() => readMessages(side, [Buffer.from(bytes)]), { code });
      assert.throws(
        () =>
          readMessages(
            side,
            [...bytes].map((byte) => Buffer.of(byte)),
          ),
        { code },
      );
    });
  }

  it('knows a length that is too large before any of it came', () => {
    const header = wsFrame(2, 'x'.repeat(70_001)).subarray(0, 10);
    assert.throws(() => readMessages('server', [header]), { code: 'frame_too_large' });
  });

  it('survives whatever comes', () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    const { cases, failed } = fuzz(fuzzReaderOnce, { seed, milliseconds: 1_000 });
    assert.equal(failed?.error, undefined, `node packages/link/fuzz/run.ts --seed ${failed?.seed}`);
    assert.ok(cases > 20);
  });
});

/** A socket that takes everything at once. */
class Wire extends Writable {
  #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  /** What was written since the last time. */
  take(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }
}

describe('WebSocketWriter', () => {
  /** Small and large, of several streams, some going on where the one before ended. */
  const frames = (): Frame[] => {
    const made: Frame[] = [];
    for (let i = 0; i < 400; i += 1) {
      const stream = 1 + ((i >> 2) % 3);
      const bytes = [0, 1, 200, 1_008, 1_009, 5_000, 30_000, 65_536][i % 8] ?? 0;
      const payload = Buffer.alloc(bytes, i);
      const offset = made.reduce((sum, f) => (f.stream === stream ? sum + f.payload.length : sum), 0);
      made.push(
        bytes === 0 ? new Frame(FrameType.PING, stream, i) : new Frame(FrameType.DATA, stream, offset, payload),
      );
    }
    return made;
  };

  for (const masking of ['none', 'zero', 'random'] as const satisfies Masking[]) {
    it(`${masking}: every frame arrives, in order, in messages that a reader accepts`, () => {
      const sent = frames();
      const before = sent.map((frame) => Buffer.from(frame.payload));
      const wire = new Wire();
      const writer = new WebSocketWriter(wire, masking);
      for (const frame of sent) writer.write(frame);
      writer.flush();
      assert.equal(writer.pendingBytes, 0);
      const messages = readMessages(masking === 'none' ? 'server' : 'client', [wire.take()], Limit.MESSAGE_BYTES);
      const seen: string[] = [];
      const data = new Map<number, Buffer[]>();
      const parser = new FrameParser((frame) => {
        if (frame.type === FrameType.PING) seen.push(`${frame.stream} ${frame.value}`);
        else {
          const parts = data.get(frame.stream) ?? [];
          assert.equal(
            parts.reduce((sum, part) => sum + part.length, 0),
            frame.value,
          );
          data.set(frame.stream, [...parts, frame.payload]);
        }
      });
      for (const message of messages) {
        parser.push(Buffer.from(message, 'latin1'));
        parser.endMessage();
      }
      assert.deepEqual(
        seen,
        sent.filter(({ type }) => type === FrameType.PING).map(({ stream, value }) => `${stream} ${value}`),
      );
      for (const [stream, parts] of data) {
        const whole = Buffer.concat(sent.filter((f) => f.stream === stream).map((f) => f.payload));
        assert.ok(Buffer.concat(parts).equals(whole), `stream ${stream}`);
      }
      // A payload belongs to its stream until it is acknowledged: masking must not touch it.
      for (const [i, frame] of sent.entries()) assert.ok(frame.payload.equals(before[i] ?? assert.fail()));
    });
  }

  it('only what goes on where the last piece ended is joined to it', () => {
    const wire = new Wire();
    const writer = new WebSocketWriter(wire, 'none');
    const data = (stream: number, offset: number) => new Frame(FrameType.DATA, stream, offset, Buffer.alloc(20_000));
    for (const frame of [data(1, 0), data(1, 20_000), data(1, 90_000), data(2, 110_000)]) writer.write(frame);
    writer.flush();
    const lengths = readMessages('server', [wire.take()]).map(({ length }) => length);
    assert.deepEqual(lengths, [40_016, 20_016, 20_016]);
  });

  it('random: the key is another one each time', () => {
    const keys = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      const wire = new Wire();
      const writer = new WebSocketWriter(wire, 'random');
      writer.write(new Frame(FrameType.PING, 0, 1));
      writer.flush();
      keys.add(wire.take().toString('hex', 2, 6));
    }
    assert.equal(keys.size, 20);
  });

  it('pong and close, as a client and as a server', () => {
    for (const masking of ['none', 'zero', 'random'] as const satisfies Masking[]) {
      const wire = new Wire();
      const writer = new WebSocketWriter(wire, masking);
      writer.close(1000, 'session_closed');
      const side = masking === 'none' ? 'server' : 'client';
      assert.deepEqual(readMessages(side, [wire.take()]), ['close 1000 session_closed']);
      writer.pong(Buffer.from('echo'));
      assert.deepEqual(readMessages(side, [wire.take()]), []);
    }
  });
});
