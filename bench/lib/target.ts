// The private application of the benchmark: bytes on demand, and 1 KB for each small request. Prints its port.
import { Buffer } from 'node:buffer';
import { createServer, type Socket } from 'node:net';
import { ANSWER_BYTES, DOWN, ECHO, REQUEST_BYTES } from './protocol.ts';

const CHUNK = Buffer.alloc(65_536, 1);
const ANSWER = Buffer.alloc(ANSWER_BYTES, 2);

function send(socket: Socket, bytes: number): void {
  let left = bytes;
  const go = (): void => {
    while (left > 0) {
      const part = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
      left -= part.length;
      if (!socket.write(part)) {
        socket.once('drain', go);
        return;
      }
    }
    socket.end();
  };
  go();
}

const server = createServer({ noDelay: true }, (socket) => {
  let mode: string | undefined;
  let waiting = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (mode === undefined) {
      mode = chunk.toString('latin1', 0, 1);
      if (mode === DOWN) send(socket, Number.parseInt(chunk.toString('latin1', 1, 17), 16));
      waiting = -ECHO.length;
    }
    if (mode === DOWN) return;
    waiting += chunk.length;
    for (; waiting >= REQUEST_BYTES; waiting -= REQUEST_BYTES) socket.write(ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.on('disconnect', () => process.exit(0));
