import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startOtlpReceiver } from './receiver.ts';
import { TRACES } from './schema.ts';
import { decodeMessage, type MessageType } from './wire.ts';

// Written by hand from the published field numbers, so that no program has to agree with itself.

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = '00f067aa0ba902b7';

/** A field with bytes: a tag of wire type 2, and the length. */
const field = (number: number, ...content: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  assert.ok(body.length < 16_384);
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([tag(number, 2), Buffer.from(length), body]);
};
/** Numbers above 15 take a second byte. */
const tag = (number: number, type: number): Buffer =>
  Buffer.from(number < 16 ? [(number << 3) | type] : [((number << 3) | type | 0x80) & 0xff, number >> 4]);
const varint = (number: number, ...bytes: number[]): Buffer => Buffer.concat([tag(number, 0), Buffer.from(bytes)]);
const hex = (number: number, text: string): Buffer => field(number, Buffer.from(text, 'hex'));
const fixed64 = (number: number, value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([tag(number, 1), bytes]);
};
const double = (number: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(number, 1), bytes]);
};
const text = (key: string, value: string): Buffer => field(9, field(1, key), field(2, field(1, value)));

const span = field(
  2,
  hex(1, TRACE),
  hex(2, SPAN),
  hex(4, PARENT),
  field(5, 'dial'),
  varint(6, 3),
  fixed64(7, 1_700_000_000_123_456_789n),
  fixed64(8, 1_700_000_001_000_000_000n),
  text('server.address', 'app.internal'),
  field(9, field(1, 'server.port'), field(2, varint(3, 0xbb, 0x03))), // 443
  field(9, field(1, 'minus'), field(2, varint(3, ...Array(9).fill(0xff), 0x01))), // -1: ten bytes
  field(9, field(1, 'gap'), field(2, double(4, 12.5))),
  field(9, field(1, 'yes'), field(2, varint(2, 1))),
  field(9, field(1, 'list'), field(2, field(5, field(1, field(1, 'a')), field(1, field(1, 'b'))))),
  varint(10, 4), // dropped_attributes_count: not looked at
  field(11, fixed64(1, 1_700_000_000_500_000_000n), field(2, 'opened')),
  field(13, hex(1, TRACE.toUpperCase()), hex(2, PARENT)),
  field(15, field(2, 'refused'), varint(3, 2)),
  Buffer.concat([tag(16, 5), Buffer.from([0x01, 0x03, 0, 0])]),
);
const traces = field(
  1,
  field(1, field(1, field(1, 'service.name'), field(2, field(1, 'culvert-agent')))),
  field(2, field(1, field(1, 'culvert')), span),
);

const EXPECTED = {
  name: 'dial',
  kind: 'client',
  traceId: TRACE,
  spanId: SPAN,
  parentSpanId: PARENT,
  startMs: 1_700_000_000_123.456,
  endMs: 1_700_000_001_000,
  attributes: {
    'server.address': 'app.internal',
    'server.port': 443,
    minus: -1,
    gap: 12.5,
    yes: true,
    list: ['a', 'b'],
  },
  events: [{ name: 'opened', atMs: 1_700_000_000_500, attributes: {} }],
  links: [{ traceId: TRACE, spanId: PARENT }],
  status: { code: 'error', message: 'refused' },
  flags: 1,
  resource: { 'service.name': 'culvert-agent' },
};

const histogram = field(
  9,
  field(
    1,
    field(9, field(1, 'kind'), field(2, field(1, 'connect'))),
    fixed64(4, 3n),
    double(5, 1.5),
    // Packed: two numbers in one piece.
    field(6, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])),
  ),
);
const metrics = field(
  1,
  field(1),
  field(
    2,
    field(2, field(1, 'culvert.a'), field(3, 's'), histogram),
    field(2, field(1, 'culvert.b'), field(3, '{thing}'), field(7, field(1, fixed64(6, 41n)), varint(2, 2))),
    field(2, field(1, 'culvert.c'), field(5, field(1, double(4, 0.5)))),
  ),
);

describe('protobuf', () => {
  it('a message that is cut off anywhere is refused, or ends at a field', () => {
    assert.throws(() => decodeMessage(traces.subarray(0, traces.length - 1), TRACES), /bytes expected/);
    assert.throws(() => decodeMessage(Buffer.from([0x0a]), TRACES), /1 bytes expected, 0 left/);
    assert.throws(() => decodeMessage(Buffer.alloc(11, 0xff), TRACES), /more than 10 bytes/);
    assert.throws(() => decodeMessage(Buffer.from([0x0b]), TRACES), /wire type 3/);
  });

  it('what contains itself for ever is refused', () => {
    const endless: MessageType = () => ({ 1: { name: 'again', type: endless } });
    let nested = field(1);
    for (let depth = 0; depth < 40; depth += 1) nested = field(1, nested);
    assert.throws(() => decodeMessage(nested, endless), /too deeply/);
  });
});

describe('the receiver', { timeout: 5_000 }, () => {
  const post = (url: string, type: string, body: Buffer | string, more: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', headers: { 'content-type': type, ...more }, body: new Uint8Array(Buffer.from(body)) });

  it('reads protobuf, compressed or not', async () => {
    await using receiver = await startOtlpReceiver();
    const url = `${receiver.url}/v1/traces`;
    const plain = await post(url, 'application/x-protobuf', traces);
    const zipped = await post(url, 'application/x-protobuf', gzipSync(traces), { 'content-encoding': 'gzip' });
    assert.deepEqual([plain.status, zipped.status, receiver.rejected], [200, 200, []]);
    assert.equal((await plain.arrayBuffer()).byteLength, 0);
    assert.deepEqual(receiver.spans, [EXPECTED, EXPECTED]);
    assert.equal(await receiver.untilSpan('a dial', ({ name }) => name === 'dial'), receiver.spans[0]);
  });

  it('reads JSON, in which the same things look otherwise', async () => {
    await using receiver = await startOtlpReceiver();
    const message = decodeMessage(traces, TRACES);
    const answer = await post(`${receiver.url}/v1/traces`, 'application/json', JSON.stringify(message));
    assert.deepEqual([answer.status, await answer.text()], [200, '{}']);
    assert.deepEqual(receiver.spans, [EXPECTED]);
  });

  it('reads metrics', async () => {
    await using receiver = await startOtlpReceiver();
    await post(`${receiver.url}/v1/metrics`, 'application/x-protobuf', metrics);
    const common = { attributes: {}, resource: {}, count: undefined };
    assert.deepEqual(receiver.points, [
      {
        ...common,
        name: 'culvert.a',
        unit: 's',
        kind: 'histogram',
        attributes: { kind: 'connect' },
        value: 1.5,
        count: 3,
      },
      { ...common, name: 'culvert.b', unit: '{thing}', kind: 'sum', value: 41 },
      { ...common, name: 'culvert.c', unit: '', kind: 'gauge', value: 0.5 },
    ]);
  });

  it('turns away what it cannot read, and says so', async () => {
    await using receiver = await startOtlpReceiver();
    const answers = await Promise.all([
      post(`${receiver.url}/v1/traces`, 'application/x-protobuf', 'garbage'),
      post(`${receiver.url}/v1/traces`, 'text/plain', ''),
      post(`${receiver.url}/v1/logs`, 'application/x-protobuf', ''),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [400, 400, 400],
    );
    assert.equal(receiver.rejected.length, 3);
  });
});
