import type { Socket } from 'node:net';
import { withDeadline } from '@culvert/base';
import { connectVia } from '../proxy-client.ts';
import { startTcpTarget, type Target } from '../targets/target.ts';

/** What a browser says first, so that its two ends find each other: its number in so many digits. */
const HELLO_BYTES = 8;
const DEADLINE_MS = 15_000;

/** The two sockets of one connection: the browser's and the target's. Both stay half-open when their peer ends. */
export interface Ends {
  readonly browser: Socket;
  readonly target: Socket;
}

/** A private service whose side of each connection is handed to the test that has the other side. */
export class Rendezvous implements AsyncDisposable {
  readonly #target: Target;
  readonly #expected: Map<string, (socket: Socket) => void>;
  readonly #accepted: () => number;
  #next = 1;

  private constructor(target: Target, expected: Map<string, (socket: Socket) => void>, accepted: () => number) {
    this.#target = target;
    this.#expected = expected;
    this.#accepted = accepted;
  }

  static async start(): Promise<Rendezvous> {
    const expected = new Map<string, (socket: Socket) => void>();
    let accepted = 0;
    const target = await startTcpTarget((socket) => {
      accepted += 1;
      const greet = (): void => {
        const hello: Buffer | null = socket.read(HELLO_BYTES);
        if (hello === null) return;
        socket.off('readable', greet).off('end', hangUp);
        const id = hello.toString('latin1');
        expected.get(id)?.(socket);
        expected.delete(id);
      };
      // A browser that only came to see whether it gets through.
      const hangUp = (): void => void socket.end();
      socket.on('readable', greet).on('end', hangUp);
    });
    return new Rendezvous(target, expected, () => accepted);
  }

  get port(): number {
    return this.#target.port;
  }

  /** Sockets since the start. */
  get accepted(): number {
    return this.#accepted();
  }

  /** The target's sockets that are open. */
  get sockets(): ReadonlySet<Socket> {
    return this.#target.sockets;
  }

  /** A connection to here through a proxy. Rejects when the proxy refuses. */
  async connect(proxy: string, host: string): Promise<Ends> {
    const id = String(this.#next).padStart(HELLO_BYTES, '0');
    this.#next += 1;
    const { answer, socket: browser } = await connectVia(proxy, `${host}:${this.port}`);
    if (answer.status !== 200) throw new Error(`the proxy answered ${answer.status} ${answer.code}`);
    browser.allowHalfOpen = true; // an HTTP client's sockets are not, by default
    const arrived = Promise.withResolvers<Socket>();
    this.#expected.set(id, arrived.resolve);
    browser.write(id);
    try {
      const target = await withDeadline(DEADLINE_MS, `connection ${id} at the target`, () => arrived.promise);
      return { browser, target };
    } catch (error) {
      browser.destroy();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#target[Symbol.asyncDispose]();
  }
}
