import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** For what is under way to end by itself when the relay closes. */
const LINGER_MS = 1_000;

/** A hop of its own between the canary's agent and its worker, so that the link can be cut as a network would cut it. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  /** Each pair's two sockets. */
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #host: string;
  readonly #port: number;

  private constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
    this.#server = createServer((socket) => this.#join(socket));
  }

  /** `link`: `ws://host:port` of a worker's links. */
  static async start(link: string): Promise<Relay> {
    const { hostname, port } = new URL(link);
    const relay = new Relay(hostname.replace(/^\[|\]$/g, ''), Number(port || 80));
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a relay that listens has a port');
    return `ws://127.0.0.1:${address.port}`;
  }

  /** Breaks off what goes through it now; later connections are taken. How many there were. */
  cut(): number {
    const pairs = [...this.#pairs];
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    return pairs.length;
  }

  /** Takes nothing new, lets what is there end, and breaks it off after a second. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const late = setTimeout(() => this.cut(), LINGER_MS);
    await closed;
    clearTimeout(late);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(near: Socket): void {
    const far = connect({ host: this.#host, port: this.#port, noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    let open = 2;
    for (const [one, other] of [pair, [far, near] as const]) {
      one.pipe(other);
      one.on('error', () => other.destroy()); // it closes, which is what the agent sees of it
      one.on('close', () => {
        other.destroy();
        open -= 1;
        if (open === 0) this.#pairs.delete(pair);
      });
    }
  }
}
