import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between one process and Redis: closed, nothing gets through, and others notice nothing. */
export class Valve implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #closed = false;

  static async before(port: number): Promise<Valve> {
    const valve = new Valve(port);
    valve.#server.listen(0, '127.0.0.1');
    await once(valve.#server, 'listening');
    return valve;
  }

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('data', (bytes) => {
          // As a network that drops packets: nobody is told.
          if (!this.#closed) other.write(bytes);
        });
        one.on('error', () => one.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return `redis://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#closed = true;
  }

  /** What was dropped stays lost, so the connections of before are over. */
  open(): void {
    this.#closed = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
