import type { IncomingMessage } from 'node:http';

const MAX_BYTES = 1_048_576;
const MAX_MS = 5_000;

/**
 * Reads and drops the rest of a request that was answered early, so that the connection can be used again and the
 * answer is not lost in a TCP reset (RFC 9112 §9.6). A client that goes on for too long loses the connection.
 */
export function discardRest(request: IncomingMessage): void {
  const { socket } = request;
  if (request.complete || request.destroyed || socket.destroyed) return;
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) socket.destroy();
  };
  const timer = setTimeout(() => socket.destroy(), MAX_MS);
  const done = (): void => {
    clearTimeout(timer);
    request.off('data', count);
    request.off('end', done);
    socket.off('close', done);
  };
  // After an early answer node tells a request nothing of its socket's end any more: listen to both.
  request.once('end', done);
  socket.once('close', done);
  request.on('data', count);
  request.resume();
}
