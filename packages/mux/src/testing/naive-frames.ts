import { Buffer } from 'node:buffer';
import { Frame } from '../frame.ts';
import { FrameParser } from '../frame-parser.ts';
import { FrameType } from '../wire.ts';

/** A frame as plain data, to compare. */
export interface PlainFrame {
  readonly type: number;
  readonly flags: number;
  readonly value: number;
  readonly stream: number;
  readonly payload: string;
}

export function plain(frame: Frame): PlainFrame {
  const { type, flags, value, stream, payload } = frame;
  return { type, flags, value, stream, payload: payload.toString('hex') };
}

/** The twin of FrameParser: reads a whole message, slowly and in the plainest way. Legal messages only. */
export function readNaively(message: Uint8Array): PlainFrame[] {
  const hex = Buffer.from(message).toString('hex');
  const number = (at: number, bytes: number) => Number.parseInt(hex.slice(at * 2, (at + bytes) * 2), 16);
  const frames: PlainFrame[] = [];
  for (let at = 0; at < message.length; ) {
    const length = number(at + 12, 4);
    const header = {
      type: number(at, 1),
      flags: number(at + 1, 1),
      value: number(at + 2, 6),
      stream: number(at + 8, 4),
    };
    frames.push({ ...header, payload: hex.slice((at + 16) * 2, (at + 16 + length) * 2) });
    at += 16 + length;
  }
  return frames;
}

/** What the parser makes of `pieces` of one message, DATA joined again where it came out in pieces. */
export function readPieces(pieces: readonly Buffer[]): PlainFrame[] {
  const frames: Frame[] = [];
  const parser = new FrameParser((frame) => frames.push(frame));
  for (const piece of pieces) parser.push(piece);
  parser.endMessage();
  return joinData(frames).map(plain);
}

/** Joins DATA frames that go on where the one before ended. */
export function joinData(frames: readonly Frame[]): Frame[] {
  const joined: Frame[] = [];
  for (const frame of frames) {
    const last = joined.at(-1);
    const goesOn =
      last?.type === FrameType.DATA &&
      frame.type === FrameType.DATA &&
      frame.stream === last.stream &&
      frame.value === last.value + last.payload.length;
    if (!goesOn) joined.push(frame);
    else {
      const payload = Buffer.concat([last.payload, frame.payload]);
      joined[joined.length - 1] = new Frame(last.type, last.stream, last.value, payload, last.flags);
    }
  }
  return joined;
}
