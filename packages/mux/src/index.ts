export { Budget } from './budget.ts';
export { Frame, ProtocolError } from './frame.ts';
export { FrameParser } from './frame-parser.ts';
export { DEAD_AFTER_MS, HANDSHAKE_MS, HEARTBEAT_MS, type LinkEnd, type LinkEvents, LinkMachine } from './link.ts';
export {
  decodeHello,
  decodeOpen,
  decodeReason,
  decodeResume,
  decodeWelcome,
  decodeWindow,
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
export { DEFAULT_WINDOW, ReceiveWindow, type WindowOptions } from './receive-window.ts';
export { Scheduler } from './scheduler.ts';
export { type Stream, StreamEnd, type StreamHandler, type StreamPath } from './stream.ts';
export {
  type Opening,
  type OpenOutcome,
  type PendingStream,
  SESSION_BUDGET_BYTES,
  Streams,
  type StreamsOptions,
} from './streams.ts';
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
