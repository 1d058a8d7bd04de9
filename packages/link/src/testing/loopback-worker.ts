import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { silentLogger } from '@culvert/base';
import { Feature, type Hello, type PendingStream, type StreamStore, Streams, type WindowOptions } from '@culvert/mux';
import { LinkAcceptor } from '../accept.ts';
import { type DialLinkOptions, dialLink } from '../dial.ts';
import type { Link } from '../dialed-link.ts';
import type { LinkTransport } from '../link-socket.ts';

export interface LoopbackOptions {
  /** Instead of letting the peer in. */
  readonly hello?: (link: LinkTransport, hello: Hello) => void;
  /** Instead of finishing the WebSocket handshake. */
  readonly upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** What dialing edges open. */
  readonly accept?: (pending: PendingStream) => void;
  /** The streams of what is opened, whatever link they are on: RESUME is in force where the edge knows of it, too. */
  readonly store?: StreamStore;
  readonly window?: WindowOptions;
}

/** One link as the accepting side has it. Streams end right here, on either side. */
export interface Accepted {
  readonly link: LinkTransport;
  readonly streams: Streams;
}

/** A worker without a switch, behind a real listener. */
export class LoopbackWorker implements AsyncDisposable {
  readonly accepted: Accepted[] = [];
  readonly #options: LoopbackOptions;
  readonly #server: Server;
  readonly #acceptor = new LinkAcceptor({ nodeId: 'w_1', software: 'loopback/1', logger: silentLogger });
  readonly #sockets = new Set<Socket>();
  #port = 0;

  static async start(options: LoopbackOptions = {}): Promise<LoopbackWorker> {
    const worker = new LoopbackWorker(options);
    worker.#server.listen(0, '127.0.0.1');
    await once(worker.#server, 'listening');
    const address = worker.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    worker.#port = address.port;
    return worker;
  }

  private constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#server = createServer((_request, response) => response.writeHead(404).end());
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (options.upgrade !== undefined) options.upgrade(request, socket, head);
      else this.#upgrade(request, socket, head);
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/link`;
  }

  /** Sockets that are not closed yet. */
  get sockets(): number {
    return this.#sockets.size;
  }

  dial(over: Partial<DialLinkOptions> = {}): Promise<Link> {
    return dialLink({
      ...{ url: this.url, token: 'ticket', role: 'edge', id: 'n_1', software: 'test/1' },
      ...{ deadlineMs: 5_000, logger: silentLogger },
      ...over,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const { link } of this.accepted) link.machine.end({ code: 'shutting_down', message: '', final: false });
    await Promise.all(this.accepted.map(({ link }) => link.closed));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#acceptor.accept(request, socket, head, (link) => {
      const { accept, store, window, hello } = this.#options;
      const streams = new Streams({
        send: (frame) => link.send(frame),
        drop: (stream) => link.machine.drop(stream),
        nowMs: () => performance.now(),
        ...(accept === undefined ? {} : { accept }),
        ...(store === undefined ? {} : { store }),
        ...(window === undefined ? {} : { window }),
      });
      void link.closed.then((end) => streams.lost('link_lost', end.message));
      this.accepted.push({ link, streams });
      return {
        hello: (greeting) => {
          if (hello !== undefined) hello(link, greeting);
          else link.machine.welcome(greeting, { epoch: 7, sessionId: 's_1', boot: 'b_1' });
          streams.resumable = store !== undefined && (link.machine.features & Feature.RESUME) !== 0;
        },
        frame: (frame) => streams.receive(frame),
      };
    });
  }
}
