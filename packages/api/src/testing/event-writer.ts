import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const KEY = '{culvert}:events';

/** Writes the history as the registry's scripts do, over a plain connection to Redis. */
export class EventWriter implements AsyncDisposable {
  readonly #socket: Socket;
  #numbered = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async on(redisUrl: string): Promise<EventWriter> {
    const socket = connect(Number(new URL(redisUrl).port), '127.0.0.1').setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return new EventWriter(socket);
  }

  /** One entry of these names and values; resolves with its id. */
  add(...flat: readonly string[]): Promise<string> {
    return this.#send(['XADD', KEY, '*', ...flat]);
  }

  /** So many entries of a type that nobody knows, numbered on; resolves with the last one's id. */
  async numbers(count: number): Promise<string> {
    let id = '';
    for (let i = 0; i < count; i += 1) {
      this.#numbered += 1;
      id = await this.add('type', 'test.number', 'n', String(this.#numbered));
    }
    return id;
  }

  async trim(length: number): Promise<void> {
    await this.#send(['XTRIM', KEY, 'MAXLEN', String(length)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  /** One command; resolves with the last line of its reply. */
  async #send(args: readonly string[]): Promise<string> {
    const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
    this.#socket.write(`*${args.length}\r\n${parts.join('')}`);
    const [reply] = await once(this.#socket, 'data');
    const text = String(reply);
    if (text.startsWith('-')) throw new Error(text);
    return text.trimEnd().split('\r\n').at(-1) ?? '';
  }
}
