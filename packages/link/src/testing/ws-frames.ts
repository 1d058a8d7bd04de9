import { Buffer } from 'node:buffer';
import { WebSocketReader } from '../websocket-reader.ts';

/** One RFC 6455 frame, written plainly. `key`: masked with it. */
export function wsFrame(
  opcode: number,
  payload: string | Uint8Array,
  options: { final?: boolean; key?: Uint8Array; reserved?: number } = {},
): Buffer {
  const { final = true, key, reserved = 0 } = options;
  const bytes = Buffer.from(payload as string);
  const { length } = bytes;
  const size = length < 126 ? length : length < 65_536 ? 126 : 127;
  const extended = Buffer.alloc(size === 126 ? 2 : size === 127 ? 8 : 0);
  if (size === 126) extended.writeUInt16BE(length);
  if (size === 127) extended.writeBigUInt64BE(BigInt(length));
  const head = Buffer.of((final ? 0x80 : 0) | reserved | opcode, (key === undefined ? 0 : 0x80) | size);
  const body = key === undefined ? bytes : bytes.map((byte, i) => byte ^ (key[i % 4] ?? 0));
  return Buffer.concat([head, extended, key ?? Buffer.alloc(0), body]);
}

/** What a reader makes of `chunks`, as text: messages, `ping …`, `close …`, in order. */
export function readMessages(side: 'client' | 'server', chunks: readonly Buffer[], maxBytes = 70_000): string[] {
  const seen: string[] = [];
  let message = '';
  const reader = new WebSocketReader(side, maxBytes, {
    piece: (bytes, last) => {
      message += bytes.toString('latin1');
      if (!last) return;
      seen.push(message);
      message = '';
    },
    ping: (payload) => seen.push(`ping ${payload.toString()}`),
    close: (code, reason) => seen.push(`close ${code} ${reason}`),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}
