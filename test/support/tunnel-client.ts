import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connectVia } from './proxy-client.ts';

const DEADLINE_MS = 10_000;

/** An HTTP conversation inside one CONNECT tunnel: shows whether an established connection still works. */
export class TunnelClient {
  readonly #socket: Socket;
  readonly #host: string;
  /** Resolves when the tunnel has ended, by whoever and however. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on('error', () => undefined); // a tunnel that is cut ends with a reset; `closed` tells
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
  }

  static async open(proxy: string, authority: string): Promise<TunnelClient> {
    const { answer, socket } = await connectVia(proxy, authority);
    assert.equal(answer.status, 200, `the proxy answered ${answer.code}`);
    return new TunnelClient(socket, authority);
  }

  /** One request over the tunnel; answers everything up to and including `words`. */
  async expect(words: string): Promise<void> {
    this.#socket.write(`GET / HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`);
    let seen = '';
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!seen.includes(words)) {
      const [chunk]: Buffer[] = await once(this.#socket, 'data', { signal });
      seen += String(chunk);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
