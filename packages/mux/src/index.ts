export { Budget } from './budget.ts';
export { Deadlines } from './deadlines.ts';
export { Frame, ProtocolError } from './frame.ts';
export { FrameParser } from './frame-parser.ts';
export { DEAD_AFTER_MS, HANDSHAKE_MS, HEARTBEAT_MS, type LinkEnd, type LinkEvents, LinkMachine } from './link.ts';
export type { Asked, ResumeOutcome } from './opening.ts';
export {
  type Advice,
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
  type Hello,
  type OpenRequest,
  type Reason,
  type ResumeRequest,
  type Welcome,
} from './payloads.ts';
export { PendingOpen, type PendingStream } from './pending.ts';
export { DEFAULT_WINDOW, ReceiveWindow, type WindowOptions } from './receive-window.ts';
export { Scheduler } from './scheduler.ts';
export { MIN_KEPT_BYTES } from './send-half.ts';
export { type ResumePoint, type Stream, StreamEnd, type StreamHandler } from './stream.ts';
export {
  RESUME_WINDOW_MS,
  SESSION_BUDGET_BYTES,
  StreamStore,
  type StreamStoreOptions,
} from './stream-store.ts';
export { type Opening, type OpenOutcome, Streams, type StreamsOptions } from './streams.ts';
export {
  Feature,
  Flag,
  FrameType,
  HEADER_BYTES,
  KEY_BYTES,
  Kind,
  Limit,
  MAGIC,
  OPTIONAL_TYPE,
  Role,
  STREAM_AT,
  STREAM_MAX,
  type StreamKind,
  VALUE_MAX,
  VERSION_MAX,
  VERSION_MIN,
} from './wire.ts';
