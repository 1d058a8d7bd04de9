import { Buffer } from 'node:buffer';
import { CulvertError } from '@culvert/base';
import { FieldReader, FieldWriter } from './fields.ts';
import { ProtocolError } from './frame.ts';
import { KEY_BYTES, Kind, Limit, MAGIC, Role, type StreamKind } from './wire.ts';

/** What a peer says of itself when a link comes up (SPEC §4.1). */
export interface Hello {
  readonly versionMin: number;
  readonly versionMax: number;
  readonly role: Role;
  readonly features: number;
  /** How long the sender lets a link be silent before it takes it for dead, in ms. */
  readonly deadAfterMs: number;
  /** The node's id, or the agent process's own. */
  readonly id: string;
  /** For people and logs: `culvert/0.1.0`. */
  readonly software: string;
}

/** The answer to HELLO: the link is up (SPEC §4.3). */
export interface Welcome {
  readonly version: number;
  readonly features: number;
  readonly deadAfterMs: number;
  /** The session's epoch under this owner; 0 on a link that carries many sessions. */
  readonly epoch: number;
  readonly nodeId: string;
  readonly boot: string;
  readonly sessionId: string;
}

/** What an edge asks for in an OPEN frame (SPEC §5.1). */
export interface OpenRequest {
  /** 16 random bytes, chosen by the edge: who knows them may resume the stream. A secret. */
  readonly key: Uint8Array;
  readonly sessionId: string;
  /** Names the connection in logs, traces and lists. Not a secret. */
  readonly connectionId: string;
  readonly kind: StreamKind;
  /** A name or an address literal (IPv6 without brackets), as the client wrote it. Resolved by the agent. */
  readonly host: string;
  /** 1–65535. */
  readonly port: number;
  /** W3C Trace Context, when the connection is traced. */
  readonly traceparent?: string;
  /** How often this stream was asked for before, by OPEN or RESUME; 0 when absent. The highest one counts (SPEC §6.2). */
  readonly attempt?: number;
  /** How long the connection has been open, ms; on RESUME, for people. */
  readonly ageMs?: number;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
}

const ROLES = new Set<number>(Object.values(Role));
const KIND_NAMES = new Map<number, StreamKind>(Object.entries(Kind).map(([name, n]) => [n, name as StreamKind]));
const Extension = { TRACEPARENT: 1, ATTEMPT: 2, AGE: 3 } as const;
const U32_MAX = 2 ** 32 - 1;

export function encodeHello(hello: Hello): Buffer {
  return new FieldWriter()
    .u32(MAGIC)
    .u8(hello.versionMin)
    .u8(hello.versionMax)
    .u8(hello.role)
    .u32(hello.features)
    .u32(hello.deadAfterMs)
    .text(hello.id, Limit.ID_BYTES)
    .text(hello.software, Limit.ID_BYTES)
    .finish();
}

export function decodeHello(payload: Buffer): Hello {
  const read = new FieldReader(payload, 'HELLO');
  if (read.u32('magic') !== MAGIC) throw new ProtocolError('P5', 'HELLO does not begin with the magic number');
  const versionMin = read.u8('versionMin');
  const versionMax = read.u8('versionMax');
  const role = read.u8('role');
  if (!ROLES.has(role)) throw new ProtocolError('P6', `HELLO.role ${role} is unknown`);
  const features = read.u32('features');
  const deadAfterMs = checkDeadline(read.u32('deadAfterMs'), 'HELLO');
  const id = read.text('id', Limit.ID_BYTES);
  const software = read.text('software', Limit.ID_BYTES);
  return { versionMin, versionMax, role: role as Role, features, deadAfterMs, id, software };
}

export function encodeWelcome(welcome: Welcome): Buffer {
  return new FieldWriter()
    .u8(welcome.version)
    .u32(welcome.features)
    .u32(welcome.deadAfterMs)
    .u64(welcome.epoch)
    .text(welcome.nodeId, Limit.ID_BYTES)
    .text(welcome.boot, Limit.ID_BYTES)
    .text(welcome.sessionId, Limit.ID_BYTES)
    .finish();
}

export function decodeWelcome(payload: Buffer): Welcome {
  const read = new FieldReader(payload, 'WELCOME');
  return {
    version: read.u8('version'),
    features: read.u32('features'),
    deadAfterMs: checkDeadline(read.u32('deadAfterMs'), 'WELCOME'),
    epoch: read.u64('epoch'),
    nodeId: read.text('nodeId', Limit.ID_BYTES),
    boot: read.text('boot', Limit.ID_BYTES),
    sessionId: read.text('sessionId', Limit.ID_BYTES),
  };
}

/** A peer that wants to be taken for dead within a second, or only after an hour, would make liveness meaningless. */
function checkDeadline(ms: number, what: string): number {
  if (ms < 1_000 || ms > 600_000) throw new ProtocolError('P7', `${what}.deadAfterMs ${ms} is outside 1000–600000`);
  return ms;
}

/** @throws CulvertError bad_request when a field is outside what the wire can carry. */
export function encodeOpen(request: OpenRequest): Buffer {
  if (request.key.length !== KEY_BYTES) throw new CulvertError('internal', `a stream key has ${KEY_BYTES} bytes`);
  const hostBytes = Buffer.byteLength(request.host);
  if (hostBytes === 0 || hostBytes > Limit.HOST_BYTES) {
    throw new CulvertError('bad_request', `a host name has 1–${Limit.HOST_BYTES} bytes, this one ${hostBytes}`);
  }
  if (!Number.isInteger(request.port) || request.port < 1 || request.port > 65_535) {
    throw new CulvertError('bad_request', `port ${request.port} is outside 1–65535`);
  }
  const write = new FieldWriter()
    .bytes(request.key)
    .u8(Kind[request.kind])
    .u16(request.port)
    .text(request.sessionId, Limit.ID_BYTES)
    .text(request.connectionId, Limit.ID_BYTES)
    .text(request.host, Limit.HOST_BYTES);
  if (request.traceparent !== undefined) {
    write.u8(Extension.TRACEPARENT).text(request.traceparent, Limit.TEXT_BYTES, 2);
  }
  if (request.attempt !== undefined) write.u8(Extension.ATTEMPT).u16(4).u32(request.attempt);
  if (request.ageMs !== undefined)
    write
      .u8(Extension.AGE)
      .u16(4)
      .u32(Math.min(Math.round(request.ageMs), U32_MAX));
  return write.finish();
}

export function decodeOpen(payload: Buffer): OpenRequest {
  return readOpen(new FieldReader(payload, 'OPEN'));
}

function readOpen(read: FieldReader): OpenRequest {
  const key = Buffer.from(read.bytes(KEY_BYTES, 'key'));
  const kind = KIND_NAMES.get(read.u8('kind'));
  if (kind === undefined) throw new ProtocolError('P8', 'OPEN.kind is unknown');
  const port = read.u16('port');
  if (port === 0) throw new ProtocolError('P9', 'OPEN.port is 0');
  const sessionId = read.text('sessionId', Limit.ID_BYTES);
  const connectionId = read.text('connectionId', Limit.ID_BYTES);
  const host = read.text('host', Limit.HOST_BYTES);
  if (host === '') throw new ProtocolError('P10', 'OPEN.host is empty');
  return { key, sessionId, connectionId, kind, host, port, ...readExtensions(read) };
}

function readExtensions(read: FieldReader): Pick<OpenRequest, 'traceparent' | 'attempt' | 'ageMs'> {
  let found: Pick<OpenRequest, 'traceparent' | 'attempt' | 'ageMs'> = {};
  while (read.left > 0) {
    const extension = read.u8('extension');
    if (extension === Extension.TRACEPARENT) {
      found = { ...found, traceparent: read.text('traceparent', Limit.TEXT_BYTES, 2) };
      continue;
    }
    const value = read.block('extension', Limit.TEXT_BYTES, 2);
    if (extension === Extension.ATTEMPT) found = { ...found, attempt: new FieldReader(value, 'attempt').u32('value') };
    else if (extension === Extension.AGE) found = { ...found, ageMs: new FieldReader(value, 'age').u32('value') };
  }
  return found;
}

/** The payload of REFUSED, RESET and GOAWAY: a stable code for programs, a sentence for people. */
export function encodeReason(reason: Reason): Buffer {
  return new FieldWriter().text(reason.code, Limit.CODE_BYTES).text(reason.message, Limit.TEXT_BYTES, 2).finish();
}

const CODE_FORM = /^[a-z][a-z0-9_]*$/;

export function decodeReason(payload: Buffer, what: string): Reason {
  return readReason(new FieldReader(payload, what), what);
}

function readReason(read: FieldReader, what: string): Reason {
  const code = read.text('code', Limit.CODE_BYTES);
  if (!CODE_FORM.test(code)) throw new ProtocolError('P11', `${what}.code is not of the form a_b`);
  return { code, message: read.text('message', Limit.TEXT_BYTES, 2) };
}

/** The payload of OPENED, RESUMED and ACK: how many bytes beyond the header's value may be under way. */
export function encodeWindow(bytes: number): Buffer {
  return new FieldWriter().u32(bytes).finish();
}

export function decodeWindow(payload: Buffer, what: string): number {
  const window = new FieldReader(payload, what).u32('window');
  if (window > Limit.WINDOW_BYTES) {
    throw new ProtocolError('P12', `${what}.window of ${window} bytes, limit ${Limit.WINDOW_BYTES}`);
  }
  return window;
}

/** The payload of RESUME: how much the edge takes, and which stream is to go on (SPEC §6). */
export interface ResumeRequest {
  readonly window: number;
  readonly request: OpenRequest;
}

/** @throws CulvertError bad_request when a field is outside what the wire can carry. */
export function encodeResume({ window, request }: ResumeRequest): Buffer {
  return Buffer.concat([encodeWindow(window), encodeOpen(request)]);
}

export function decodeResume(payload: Buffer): ResumeRequest {
  const read = new FieldReader(payload, 'RESUME');
  const window = decodeWindow(read.bytes(4, 'window'), 'RESUME');
  return { window, request: readOpen(read) };
}

/** The payload of CLAIM (the highest epoch that the agent has seen) and CLAIMED (the one it has now). */
export function encodeEpoch(epoch: number): Buffer {
  return new FieldWriter().u64(epoch).finish();
}

export function decodeEpoch(payload: Buffer, what: string): number {
  return new FieldReader(payload, what).u64('epoch');
}

/** What GOAWAY may say besides its reason: where to go, and when (SPEC §4.4). */
export interface Advice {
  /** The worker to go to; another one when it has no room. */
  readonly target: string;
  /** How long to wait before, ms: the sender paces those whom it sends away. */
  readonly delayMs: number;
}

export function encodeGoAway(reason: Reason, advice?: Advice): Buffer {
  const payload = encodeReason(reason);
  if (advice === undefined) return payload;
  const more = new FieldWriter().u32(Math.min(advice.delayMs, U32_MAX)).text(advice.target, Limit.ID_BYTES).finish();
  return Buffer.concat([payload, more]);
}

export function decodeGoAway(payload: Buffer): Reason & { readonly advice?: Advice } {
  const read = new FieldReader(payload, 'GOAWAY');
  const reason = readReason(read, 'GOAWAY');
  if (read.left === 0) return reason;
  const delayMs = read.u32('delayMs');
  return { ...reason, advice: { delayMs, target: read.text('target', Limit.ID_BYTES) } };
}
