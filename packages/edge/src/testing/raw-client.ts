import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Status line and fields, as they came. */
  readonly head: string;
  /** By lower-case name; repeated ones joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Still chunked, if it is. */
  readonly body: string;
}

/** A TCP client that writes what it is told, byte for byte, and reads by pieces. Text is latin-1. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#wake?.();
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('end', () => this.#wake?.());
    socket.on('close', () => this.#wake?.());
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  end(text = ''): this {
    this.socket.end(text, 'latin1');
    return this;
  }

  /** How the connection failed, if it did. */
  get error(): Error | undefined {
    return this.#error;
  }

  get ended(): boolean {
    return this.socket.readableEnded || this.socket.destroyed;
  }

  /** Exactly `length` characters. */
  async take(length: number): Promise<string> {
    await this.#until(() => this.#received.length >= length, `${length} bytes`);
    return this.#cut(length);
  }

  /** Everything up to and with `mark`. */
  async takeThrough(mark: string): Promise<string> {
    await this.#until(() => this.#received.includes(mark), JSON.stringify(mark));
    return this.#cut(this.#received.indexOf(mark) + mark.length);
  }

  /** Everything until the other side ends or breaks off. */
  async takeAll(): Promise<string> {
    while (!this.ended) await this.#more();
    return this.#cut(this.#received.length);
  }

  /** One answer, its content by Content-Length, by chunks (left as they are), or none. */
  async answer(options: { head?: boolean } = {}): Promise<RawAnswer> {
    const head = await this.takeThrough('\r\n\r\n');
    const headers: Record<string, string> = {};
    for (const line of head.split('\r\n').slice(1, -2)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    const status = Number(head.slice(9, 12));
    const empty = options.head || status < 200 || status === 204 || status === 304;
    const body = empty ? '' : await this.#content(headers);
    return { status, head, headers, body };
  }

  close(): void {
    this.socket.destroy();
  }

  async #content(headers: Readonly<Record<string, string>>): Promise<string> {
    if (headers['transfer-encoding'] === 'chunked') return this.takeThrough('0\r\n\r\n');
    const length = headers['content-length'];
    return length === undefined ? this.takeAll() : this.take(Number(length));
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    while (!done()) {
      if (this.ended)
        throw new Error(`closed before ${what}; received ${JSON.stringify(this.#received.slice(0, 500))}`);
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #cut(length: number): string {
    const text = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return text;
  }
}
