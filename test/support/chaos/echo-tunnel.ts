import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connectVia } from '../proxy-client.ts';

const DEADLINE_MS = 10_000;

/** One CONNECT tunnel to a target that echoes. */
export class EchoTunnel {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(proxy: string, authority: string): Promise<EchoTunnel> {
    const { answer, socket } = await connectVia(proxy, authority);
    assert.equal(answer.status, 200, `the proxy answered ${answer.code}`);
    return new EchoTunnel(socket);
  }

  /** Sends the word, and waits until it has come back. */
  async echoes(word: string): Promise<void> {
    this.#socket.write(word);
    const signal = AbortSignal.timeout(DEADLINE_MS);
    let seen = '';
    while (seen.length < word.length) seen += String((await once(this.#socket, 'data', { signal }))[0]);
    assert.equal(seen, word);
  }

  close(): void {
    this.#socket.destroy();
  }
}
