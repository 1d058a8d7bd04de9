/**
 * The numbers of the protocol, as SPEC.md has them. They are part of what older and newer processes say to
 * each other: wire.test.ts pins them, and a change of any is a new protocol version.
 */

/** "CLVT": a peer that speaks something else is told apart by the first four bytes of its HELLO. */
export const MAGIC = 0x434c5654;

/** The versions this code speaks, both ends included. */
export const VERSION_MIN = 1;
export const VERSION_MAX = 1;

/** type u8 | flags u8 | value u48 | stream u32 | length u32, big-endian (SPEC §2). */
export const HEADER_BYTES = 16;
export const STREAM_AT = 8;

export const FrameType = {
  HELLO: 0x01,
  WELCOME: 0x02,
  GOAWAY: 0x03,
  PING: 0x04,
  PONG: 0x05,
  CLAIM: 0x06,
  CLAIMED: 0x07,
  OPEN: 0x10,
  OPENED: 0x11,
  REFUSED: 0x12,
  DATA: 0x13,
  ACK: 0x14,
  FIN: 0x15,
  RESET: 0x16,
  RESUME: 0x17,
  RESUMED: 0x18,
  DETACH: 0x19,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** A type with this bit may be skipped by who does not know it; one without it may not (SPEC §2.2). */
export const OPTIONAL_TYPE = 0x80;

export const Flag = {
  /** On ACK (RESUME, RESUMED): the peer's FIN has been passed on as well; nothing more is owed (SPEC §5.4). */
  ACK_END: 0x01,
  /** On GOAWAY: do not come back (SPEC §4.4). */
  GOAWAY_FINAL: 0x01,
} as const;

/** Bits of HELLO.features; what both sides set is in force (SPEC §4.2). */
export const Feature = {
  /** Streams outlive a link: RESUME, RESUMED and DETACH are understood. */
  RESUME: 0x0000_0001,
} as const;

export const Role = { AGENT: 1, WORKER: 2, EDGE: 3 } as const;
export type Role = (typeof Role)[keyof typeof Role];

export const Kind = { connect: 1, http: 2, websocket: 3 } as const;
export type StreamKind = keyof typeof Kind;

export const KEY_BYTES = 16;

/** The largest value of the header's 48-bit field: 256 TiB in one direction of one connection. */
export const VALUE_MAX = 2 ** 48 - 1;
export const STREAM_MAX = 2 ** 32 - 1;

/** What a peer may send at the most, whatever it says of itself (SPEC §7). */
export const Limit = {
  /** Bytes of one DATA payload. A socket read brings 64 KiB, so larger frames would only be joined and cut again. */
  DATA_BYTES: 65_536,
  /** Bytes of the payload of any other frame. */
  CONTROL_BYTES: 4_096,
  /** Bytes of one WebSocket message. */
  MESSAGE_BYTES: 131_072,
  /**
   * Bytes of frames other than DATA and FIN that may wait for a peer to read: no window holds them back. Far above what
   * a link full of streams has under way, so only a peer that sends and never reads comes to it.
   */
  CONTROL_QUEUE_BYTES: 16_777_216,
  /** Streams open at once on one link. */
  STREAMS_PER_LINK: 65_536,
  /** Bytes of a window: what one stream may have in flight in one direction. */
  WINDOW_BYTES: 16_777_216,
  CODE_BYTES: 40,
  TEXT_BYTES: 512,
  HOST_BYTES: 255,
  ID_BYTES: 64,
} as const;
