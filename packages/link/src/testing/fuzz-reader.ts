import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { CulvertError } from '@culvert/base';
import type { Random } from '@culvert/mux/testing';
import { WebSocketReader } from '../websocket-reader.ts';
import { wsFrame } from './ws-frames.ts';

const MAX_BYTES = 2_000;

/** Frames that a peer might send; a third of the conversations are spoilt on the way. */
function conversation(random: Random, side: 'client' | 'server'): { bytes: Buffer; messages: number } {
  const parts: Buffer[] = [];
  let messages = 0;
  const key = () => (side === 'client' ? { key: random.bytes(4) } : {});
  for (let i = random.below(10); i >= 0; i -= 1) {
    const fragments = 1 + random.below(4);
    for (let f = 0; f < fragments; f += 1) {
      if (random.chance(0.2)) parts.push(wsFrame(random.pick([9, 10]), random.bytes(random.below(126)), key()));
      const size = random.chance(0.1) ? 126 + random.below(300) : random.below(100);
      parts.push(wsFrame(f === 0 ? 2 : 0, random.bytes(size), { final: f === fragments - 1, ...key() }));
    }
    messages += 1;
  }
  return { bytes: Buffer.concat(parts), messages };
}

/** One peer's bytes, from the first to the one that the reader refuses. Throws when a promise is broken. */
export function fuzzReaderOnce(random: Random): void {
  const side = random.pick(['client', 'server'] as const);
  const { bytes, messages } = conversation(random, side);
  const spoilt = random.chance(0.5);
  const sent = spoilt ? random.mutated(random.chance(0.1) ? random.bytes(200) : bytes) : bytes;
  let received = 0;
  let inMessage = 0;
  let whole = 0;
  const reader = new WebSocketReader(side, MAX_BYTES, {
    piece: (piece, last) => {
      received += piece.length;
      inMessage += piece.length;
      assert.ok(inMessage <= MAX_BYTES, 'a message above the limit');
      if (!last) return;
      inMessage = 0;
      whole += 1;
    },
    ping: (payload) => assert.ok(payload.length <= 125),
    close: (code) => assert.ok(code >= 0 && code <= 0xffff),
  });
  try {
    for (const piece of random.cut(Buffer.from(sent))) reader.push(piece);
  } catch (error) {
    // Its refusal, and the only one: anything else is a fault of the reader.
    if (!(error instanceof CulvertError) || !spoilt) throw error;
  }
  assert.ok(received <= sent.length);
  if (!spoilt) assert.equal(whole, messages);
}
