import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
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
  VALUE_MAX,
  VERSION_MAX,
  VERSION_MIN,
} from './wire.ts';

// Processes of different releases talk to each other: whoever changes a number here makes a new protocol version.
it('the wire numbers of protocol version 1', () => {
  assert.deepEqual([VERSION_MIN, VERSION_MAX], [1, 1]);
  assert.deepEqual([MAGIC, HEADER_BYTES, STREAM_AT, KEY_BYTES, OPTIONAL_TYPE], [0x434c5654, 16, 8, 16, 0x80]);
  assert.deepEqual([VALUE_MAX, STREAM_MAX], [281_474_976_710_655, 4_294_967_295]);
  assert.deepEqual(
    { ...FrameType },
    {
      ...{ HELLO: 0x01, WELCOME: 0x02, GOAWAY: 0x03, PING: 0x04, PONG: 0x05 },
      ...{ OPEN: 0x10, OPENED: 0x11, REFUSED: 0x12, DATA: 0x13, ACK: 0x14, FIN: 0x15, RESET: 0x16 },
      ...{ CLAIM: 0x06, CLAIMED: 0x07 },
      ...{ RESUME: 0x17, RESUMED: 0x18, DETACH: 0x19 },
    },
  );
  assert.deepEqual({ ...Flag }, { ACK_END: 1, GOAWAY_FINAL: 1 });
  assert.deepEqual({ ...Feature }, { RESUME: 1 });
  assert.deepEqual({ ...Role }, { AGENT: 1, WORKER: 2, EDGE: 3 });
  assert.deepEqual({ ...Kind }, { connect: 1, http: 2, websocket: 3 });
  assert.deepEqual(
    { ...Limit },
    {
      DATA_BYTES: 65_536,
      CONTROL_BYTES: 4_096,
      MESSAGE_BYTES: 131_072,
      CONTROL_QUEUE_BYTES: 16_777_216,
      STREAMS_PER_LINK: 65_536,
      WINDOW_BYTES: 16_777_216,
      CODE_BYTES: 40,
      TEXT_BYTES: 512,
      HOST_BYTES: 255,
      ID_BYTES: 64,
    },
  );
});
