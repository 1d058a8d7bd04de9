import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AUTH, type EdgeSetup } from './edge-setup.ts';

export const get = (port: number, path = '/', fields = ''): string =>
  `GET http://app.internal:${port}${path} HTTP/1.1\r\nHost: whatever\r\n${AUTH}${fields}\r\n`;

export const post = (port: number, fields: string, body = ''): string =>
  `POST http://app.internal:${port}/ HTTP/1.1\r\nHost: whatever\r\n${AUTH}${fields}\r\n${body}`;

/** The whole answer of a target for whom the answer does not matter. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A target that answers each connection with fixed bytes once it has a header section, and records what it got. */
export async function scripted(
  edge: EdgeSetup,
  answer: string,
  after?: (socket: Socket) => void,
): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  const port = await edge.tcp((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      requests.push(text);
      text = '';
      socket.write(answer, 'latin1');
      after?.(socket);
    });
    socket.on('end', () => socket.end());
  });
  return { port, requests };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** Resolves when `measure` has not changed for a while. */
export async function stalls(measure: () => number): Promise<void> {
  let last = -1;
  for (let same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = measure();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}
