import type { IncomingMessage } from 'node:http';

const MAX_BYTES = 1_048_576;
const MAX_MS = 5_000;

/**
 * Reads and drops the rest of a request that was answered early, so that the connection can be used again and the
 * answer is not lost in a TCP reset (RFC 9112 §9.6). A client that goes on for too long loses the connection.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), MAX_MS);
  request.once('close', () => clearTimeout(timer));
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) request.destroy();
  });
  request.resume();
}
