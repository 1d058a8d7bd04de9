import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plain, readNaively, readPieces } from './testing/naive-frames.ts';
import { bytesOf, frameOf, VECTORS } from './testing/vectors.ts';
import { FrameType } from './wire.ts';

describe('hex vectors', () => {
  it('there is one of every type', () => {
    const types = new Set(VECTORS.map((vector) => vector.type));
    for (const [name, type] of Object.entries(FrameType)) assert.ok(types.has(type), name);
  });

  for (const vector of VECTORS) {
    const { name, type, stream, value, flags, meaning, encode, decode } = vector;
    const bytes = bytesOf(vector);
    const expected = { type, flags, value, stream, payload: bytes.subarray(16).toString('hex') };

    it(`${name}: written as in the vector`, () => {
      assert.equal(frameOf(vector).encode().toString('hex'), bytes.toString('hex'));
      if (encode !== undefined) assert.equal(encode().toString('hex'), expected.payload);
    });

    it(`${name}: means what the vector says, however it is cut`, () => {
      assert.deepEqual(readNaively(bytes), [expected]);
      assert.deepEqual(readPieces([...bytes].map((byte) => Buffer.of(byte))), [expected], 'byte by byte');
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        assert.deepEqual(readPieces([bytes.subarray(0, cut), bytes.subarray(cut)]), [expected], `cut at ${cut}`);
      }
      if (decode !== undefined) assert.deepEqual(decode(bytes.subarray(16)), meaning);
    });

    it(`${name}: fields that a later version adds behind the payload are ignored`, () => {
      // Those of OPEN and RESUME are extensions and have a form of their own.
      const extends_ = type === FrameType.OPEN || type === FrameType.RESUME;
      const later = Buffer.from(extends_ ? '7f0003fffefd' : 'fffefd', 'hex');
      if (decode !== undefined) assert.deepEqual(decode(Buffer.concat([bytes.subarray(16), later])), meaning);
    });
  }

  it('many frames in one message, cut anywhere, come out as the naive reader has them', () => {
    const several = fc.array(fc.constantFrom(...VECTORS), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(several, fc.array(fc.nat(400), { maxLength: 10 }), (vectors, cuts) => {
        const message = Buffer.concat(vectors.map(bytesOf));
        const at = [0, ...cuts.map((cut) => cut % message.length).toSorted((a, b) => a - b), message.length];
        const pieces = at.slice(1).map((end, i) => message.subarray(at[i], end));
        // DATA vectors all begin at the same offset, so two of them never join.
        assert.deepEqual(readPieces(pieces), readNaively(message));
        assert.deepEqual(vectors.map(frameOf).map(plain), readNaively(message));
      }),
      { numRuns: 200 },
    );
  });
});
