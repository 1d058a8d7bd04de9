import { Buffer } from 'node:buffer';
import { Frame } from '../frame.ts';
import {
  decodeEpoch,
  decodeGoAway,
  decodeHello,
  decodeOpen,
  decodeReason,
  decodeResume,
  decodeWelcome,
  decodeWindow,
  encodeEpoch,
  encodeGoAway,
  encodeHello,
  encodeOpen,
  encodeReason,
  encodeResume,
  encodeWelcome,
  encodeWindow,
} from '../payloads.ts';

/** One frame as it is on the wire, and what it means. */
export interface Vector {
  readonly name: string;
  /** Header and payload; spaces mean nothing. */
  readonly hex: string;
  readonly type: number;
  readonly stream: number;
  readonly value: number;
  readonly flags: number;
  /** What the payload says; absent where it is bytes of a stream, or nothing. */
  readonly meaning?: unknown;
  readonly encode?: () => Buffer;
  readonly decode?: (payload: Buffer) => unknown;
}

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

const hello = {
  versionMin: 1,
  versionMax: 3,
  role: 1,
  features: 0x8000_0001,
  deadAfterMs: 12_000,
  id: 'a_1',
  software: 'culvert/0.1.0',
} as const;

const welcome = {
  version: 1,
  features: 1,
  deadAfterMs: 12_000,
  epoch: 1_700_000_000_000_001,
  nodeId: 'w1',
  boot: 'b1',
  sessionId: 's_é',
};

const open = {
  key: KEY,
  kind: 'websocket',
  port: 8443,
  sessionId: 's_1',
  connectionId: 'c_1',
  host: '::1',
} as const;

const traced = { ...open, kind: 'connect', host: 'intra.corp', traceparent: '00-ab-cd-01' } as const;
const resume = { window: 65_536, request: { ...traced, attempt: 2, ageMs: 300 } } as const;
const leave = { code: 'draining', message: '', advice: { delayMs: 300, target: 'w2' } };
const refused = { code: 'target_denied', message: 'rule 3' };
const gone = { code: 'superseded', message: '' };
const reset = { code: 'aborted', message: 'é' };

const window = (bytes: number) => ({
  meaning: bytes,
  encode: () => encodeWindow(bytes),
  decode: (payload: Buffer) => decodeWindow(payload, 'a frame'),
});
const reason = (meaning: { code: string; message: string }) => ({
  meaning,
  encode: () => encodeReason(meaning),
  decode: (payload: Buffer) => decodeReason(payload, 'a frame'),
});

/** One of every frame type and more where a field has more than one form. Written from SPEC.md, by hand. */
export const VECTORS: readonly Vector[] = [
  {
    name: 'HELLO',
    hex: `01 00 000000000000 00000000 00000021
          434c5654 01 03 01 80000001 00002ee0 03 615f31 0d 63756c766572742f302e312e30`,
    ...{ type: 0x01, stream: 0, value: 0, flags: 0 },
    meaning: hello,
    encode: () => encodeHello(hello),
    decode: decodeHello,
  },
  {
    name: 'WELCOME',
    hex: `02 00 000000000000 00000000 0000001c
          01 00000001 00002ee0 00060a24181e4001 02 7731 02 6231 04 735fc3a9`,
    ...{ type: 0x02, stream: 0, value: 0, flags: 0 },
    meaning: welcome,
    encode: () => encodeWelcome(welcome),
    decode: decodeWelcome,
  },
  {
    name: 'GOAWAY, final',
    hex: '03 01 000000000000 00000000 0000000d 0a 73757065727365646564 0000',
    ...{ type: 0x03, stream: 0, value: 0, flags: 1 },
    ...reason(gone),
  },
  {
    name: 'GOAWAY with advice',
    hex: '03 00 000000000000 00000000 00000012 08 647261696e696e67 0000 0000012c 02 7732',
    ...{ type: 0x03, stream: 0, value: 0, flags: 0 },
    meaning: leave,
    encode: () => encodeGoAway(leave, leave.advice),
    decode: decodeGoAway,
  },
  { name: 'PING', hex: '04 00 000000000007 00000000 00000000', type: 0x04, stream: 0, value: 7, flags: 0 },
  { name: 'PING on a stream', hex: '04 00 000000000001 00000005 00000000', type: 0x04, stream: 5, value: 1, flags: 0 },
  {
    name: 'PONG with the largest token',
    hex: '05 00 ffffffffffff 00000000 00000000',
    ...{ type: 0x05, stream: 0, value: 2 ** 48 - 1, flags: 0 },
  },
  {
    name: 'OPEN',
    hex: `10 00 000000020000 00000001 0000001f
          000102030405060708090a0b0c0d0e0f 03 20fb 03 735f31 03 635f31 03 3a3a31`,
    ...{ type: 0x10, stream: 1, value: 131_072, flags: 0 },
    meaning: open,
    encode: () => encodeOpen(open),
    decode: decodeOpen,
  },
  {
    name: 'OPEN with a trace',
    hex: `10 00 000000004000 ffffffff 00000034
          000102030405060708090a0b0c0d0e0f 01 20fb 03 735f31 03 635f31 0a 696e7472612e636f7270
          01 000b 30302d61622d63642d3031`,
    ...{ type: 0x10, stream: 2 ** 32 - 1, value: 16_384, flags: 0 },
    meaning: traced,
    encode: () => encodeOpen(traced),
    decode: decodeOpen,
  },
  {
    name: 'CLAIM',
    hex: '06 00 000000000000 00000000 00000008 0000000000000007',
    ...{ type: 0x06, stream: 0, value: 0, flags: 0 },
    meaning: 7,
    encode: () => encodeEpoch(7),
    decode: (payload) => decodeEpoch(payload, 'CLAIM'),
  },
  {
    name: 'CLAIMED',
    hex: '07 00 000000000000 00000000 00000008 0006123456789abc',
    ...{ type: 0x07, stream: 0, value: 0, flags: 0 },
    meaning: 0x6123456789abc,
    encode: () => encodeEpoch(0x6123456789abc),
    decode: (payload) => decodeEpoch(payload, 'CLAIMED'),
  },
  {
    name: 'OPENED',
    hex: '11 00 000000000000 00000001 00000004 00020000',
    ...{ type: 0x11, stream: 1, value: 0, flags: 0 },
    ...window(131_072),
  },
  {
    name: 'REFUSED',
    hex: '12 00 000000000000 00000001 00000016 0d 7461726765745f64656e696564 0006 72756c652033',
    ...{ type: 0x12, stream: 1, value: 0, flags: 0 },
    ...reason(refused),
  },
  {
    name: 'DATA above 4 GiB',
    hex: '13 00 000100000002 00000001 00000003 616263',
    ...{ type: 0x13, stream: 1, value: 2 ** 32 + 2, flags: 0 },
  },
  {
    name: 'ACK',
    hex: '14 00 000000000003 00000001 00000004 01000000',
    ...{ type: 0x14, stream: 1, value: 3, flags: 0 },
    ...window(16_777_216),
  },
  {
    name: 'ACK of the end',
    hex: '14 01 000000000003 00000001 00000004 00000000',
    ...{ type: 0x14, stream: 1, value: 3, flags: 1 },
    ...window(0),
  },
  { name: 'FIN', hex: '15 00 000000000003 00000001 00000000', type: 0x15, stream: 1, value: 3, flags: 0 },
  {
    name: 'RESET',
    hex: '16 00 000000000000 00000001 0000000c 07 61626f72746564 0002 c3a9',
    ...{ type: 0x16, stream: 1, value: 0, flags: 0 },
    ...reason(reset),
  },
  {
    name: 'RESUME',
    hex: `17 00 000000000009 00000002 00000046 00010000
          000102030405060708090a0b0c0d0e0f 01 20fb 03 735f31 03 635f31 0a 696e7472612e636f7270
          01 000b 30302d61622d63642d3031 02 0004 00000002 03 0004 0000012c`,
    ...{ type: 0x17, stream: 2, value: 9, flags: 0 },
    meaning: resume,
    encode: () => encodeResume(resume),
    decode: decodeResume,
  },
  {
    name: 'RESUMED, its end consumed',
    hex: '18 01 000000000009 00000002 00000004 00010000',
    ...{ type: 0x18, stream: 2, value: 9, flags: 1 },
    ...window(65_536),
  },
  { name: 'DETACH', hex: '19 00 000000000000 00000002 00000000', type: 0x19, stream: 2, value: 0, flags: 0 },
];

export function bytesOf(vector: Pick<Vector, 'hex'>): Buffer {
  return Buffer.from(vector.hex.replaceAll(/\s/g, ''), 'hex');
}

export function frameOf(vector: Vector): Frame {
  return new Frame(vector.type, vector.stream, vector.value, bytesOf(vector).subarray(16), vector.flags);
}
