import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FieldReader, FieldWriter } from './fields.ts';
import {
  decodeHello,
  decodeOpen,
  decodeReason,
  decodeResume,
  decodeWelcome,
  decodeWindow,
  encodeOpen,
  encodeReason,
  type OpenRequest,
} from './payloads.ts';
import { breaks } from './testing/breaks-rule.ts';
import { bytesOf, VECTORS } from './testing/vectors.ts';
import { Kind, Limit } from './wire.ts';

/** The payload of the first vector of that name, with bytes written over it. */
function payload(name: string, at = 0, over = ''): Buffer {
  const vector = VECTORS.find((candidate) => candidate.name === name) ?? assert.fail(name);
  const bytes = Buffer.from(bytesOf(vector).subarray(16));
  bytes.set(Buffer.from(over, 'hex'), at);
  return bytes;
}

const OPEN: OpenRequest = {
  key: new Uint8Array(16),
  kind: 'connect',
  port: 443,
  sessionId: 's_1',
  connectionId: 'c_1',
  host: 'a.b',
};

/** Where a payload with optional fields is complete without them. */
const COMPLETE_AT: Readonly<Record<string, readonly number[]>> = {
  'OPEN with a trace': [38],
  RESUME: [42, 56, 63],
  'GOAWAY with advice': [11],
};

describe('payloads: rules', () => {
  it('P1: every payload, ended at every byte', () => {
    for (const { name, hex, decode } of VECTORS) {
      if (decode === undefined) continue;
      const whole = bytesOf({ hex }).subarray(16);
      for (let length = 0; length < whole.length; length += 1) {
        if (COMPLETE_AT[name]?.includes(length)) continue;
        assert.throws(() => decode(whole.subarray(0, length)), breaks('P1'), `${name} at ${length}`);
      }
    }
  });

  it('P2', () => {
    assert.throws(() => decodeWelcome(payload('WELCOME', 9, '0020000000000000')), breaks('P2'));
    const largest = payload('WELCOME', 9, '001fffffffffffff');
    assert.equal(decodeWelcome(largest).epoch, Number.MAX_SAFE_INTEGER);
  });

  it('P3: texts of each kind, and extensions', () => {
    const long = (bytes: number, head = '') =>
      Buffer.concat([Buffer.from(head, 'hex'), Buffer.of(bytes), Buffer.alloc(bytes, 'a'), Buffer.alloc(600)]);
    assert.throws(() => decodeReason(long(Limit.CODE_BYTES + 1), 'RESET'), breaks('P3'));
    assert.throws(() => decodeHello(long(Limit.ID_BYTES + 1, '434c5654010101000000000000ffff')), breaks('P3'));
    assert.throws(() => decodeReason(Buffer.from('0161020161', 'hex'), 'RESET'), breaks('P3'));
    const extension = Buffer.concat([encodeOpen(OPEN), Buffer.from('090201', 'hex'), Buffer.alloc(0x201)]);
    assert.throws(() => decodeOpen(extension), breaks('P3'));
  });

  it('P4: also where a wrong text would have the right length when decoded', () => {
    // F0 90 80 is a letter cut short: it decodes to one replacement character, which has three bytes as well.
    for (const bytes of ['c3', 'ff', 'eda080', 'f09080', '61c0af']) {
      const text = Buffer.from(bytes, 'hex');
      const reason = Buffer.concat([Buffer.from('0161', 'hex'), Buffer.of(0, text.length), text]);
      assert.throws(() => decodeReason(reason, 'RESET'), breaks('P4'), bytes);
    }
  });

  it('P5', () => assert.throws(() => decodeHello(payload('HELLO', 0, '434c5655')), breaks('P5')));
  it('P6', () => assert.throws(() => decodeHello(payload('HELLO', 6, '04')), breaks('P6')));
  it('P7', () => {
    for (const ms of ['000003e7', '000927c1', '00000000', 'ffffffff']) {
      assert.throws(() => decodeHello(payload('HELLO', 11, ms)), breaks('P7'));
      assert.throws(() => decodeWelcome(payload('WELCOME', 5, ms)), breaks('P7'));
    }
    for (const ms of ['000003e8', '000927c0']) assert.doesNotThrow(() => decodeHello(payload('HELLO', 11, ms)));
  });
  it('P8', () => assert.throws(() => decodeOpen(payload('OPEN', 16, '00')), breaks('P8')));
  it('P9', () => assert.throws(() => decodeOpen(payload('OPEN', 17, '0000')), breaks('P9')));
  it('P10', () => {
    const bytes = Buffer.concat([payload('OPEN').subarray(0, 27), Buffer.of(0)]);
    assert.throws(() => decodeOpen(bytes), breaks('P10'));
  });
  it('P11', () => {
    for (const code of ['', 'A', '1a', 'a-b', 'a b', '_a', 'a\n']) {
      assert.throws(() => decodeReason(encodeReason({ code, message: '' }), 'RESET'), breaks('P11'), code);
    }
  });
  it('P12', () => {
    assert.throws(() => decodeWindow(Buffer.from('01000001', 'hex'), 'ACK'), breaks('P12'));
    assert.throws(() => decodeResume(payload('RESUME', 0, '01000001')), breaks('P12'));
  });
});

describe('payloads', () => {
  it('extensions of an OPEN that are not known are skipped, whatever is in them', () => {
    const bytes = Buffer.concat([encodeOpen(OPEN), Buffer.from('090003fffefd', 'hex'), Buffer.from('01000161', 'hex')]);
    assert.equal(decodeOpen(bytes).traceparent, 'a');
  });

  it('an OPEN that the wire cannot carry is refused where it is made', () => {
    const cases: [Partial<OpenRequest>, string][] = [
      [{ host: '' }, 'bad_request'],
      [{ host: 'a'.repeat(256) }, 'bad_request'],
      [{ port: 0 }, 'bad_request'],
      [{ port: 65_536 }, 'bad_request'],
      [{ port: 1.5 }, 'bad_request'],
      [{ key: new Uint8Array(15) }, 'internal'],
    ];
    for (const [over, code] of cases) assert.throws(() => encodeOpen({ ...OPEN, ...over }), { code });
  });

  it('any OPEN comes back as it was', () => {
    const request = fc.record(
      {
        key: fc.uint8Array({ minLength: 16, maxLength: 16 }),
        kind: fc.constantFrom(...(Object.keys(Kind) as (keyof typeof Kind)[])),
        port: fc.integer({ min: 1, max: 65_535 }),
        sessionId: fc.string({ unit: 'grapheme-ascii', maxLength: 64 }),
        connectionId: fc.string({ unit: 'grapheme-ascii', maxLength: 64 }),
        host: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 }),
        traceparent: fc.string({ unit: 'grapheme', maxLength: 20 }),
      },
      { requiredKeys: ['key', 'kind', 'port', 'sessionId', 'connectionId', 'host'] },
    );
    fc.assert(
      fc.property(request, (open) => {
        assert.deepEqual(decodeOpen(encodeOpen(open)), { ...open, key: Buffer.from(open.key) });
      }),
      { numRuns: 200 },
    );
  });

  it('a message that is too long is cut at a letter, never inside one', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, fc.nat(60), (value, limit) => {
        const cut = new FieldReader(new FieldWriter().text(value, limit).finish(), 'test').text('text', limit);
        assert.ok(value.startsWith(cut) || value.isWellFormed() === false);
        assert.ok(Buffer.byteLength(cut) > limit - 4 || cut === value);
      }),
      { numRuns: 300 },
    );
  });
});
