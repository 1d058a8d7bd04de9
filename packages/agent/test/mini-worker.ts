import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { CulvertError, type ErrorCode, randomId, silentLogger } from '@culvert/base';
import { LinkAcceptor, type LinkTransport, openStream, refuseUpgrade, StreamSocket, splice } from '@culvert/link';
import {
  type Advice,
  Feature,
  type Hello,
  type LinkEnd,
  type OpenRequest,
  Role,
  type StreamEnd,
  Streams,
} from '@culvert/mux';

/** A worker and an edge in one, without a registry: real WebSockets, real frames, one agent link at a time. */
export class MiniWorker {
  readonly nodeId: string;
  readonly #server = createServer();
  readonly #acceptor: LinkAcceptor;
  readonly #sockets = new Set<Socket>();
  readonly #arrivals: (() => void)[] = [];
  #link: { socket: LinkTransport; streams: Streams } | undefined;
  readonly #detached: StreamEnd[] = [];
  readonly #detaching: ((stream: StreamEnd) => void)[] = [];
  sessionId = 's_mini';
  epoch = 0;
  /** Set: agents are greeted as those who only stand by. */
  standsBy = false;
  /** Tickets that were shown, in order. */
  readonly tickets: (string | undefined)[] = [];
  /** What edges asked for. */
  readonly opened: OpenRequest[] = [];
  /** Set: opens of edges are refused with it. */
  refuseOpens: CulvertError | undefined;
  /** Set: upgrades are refused with it. */
  refuseWith: { error: CulvertError; final: boolean } | undefined;

  constructor(nodeId: string) {
    this.nodeId = nodeId;
    this.#acceptor = new LinkAcceptor({ nodeId, software: 'mini/0', logger: silentLogger });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)));
      this.tickets.push(request.headers.authorization);
      if (this.refuseWith) refuseUpgrade(socket, this.refuseWith.error, this.refuseWith.final);
      else this.#acceptor.accept(request, socket, head, (link) => this.#greet(link));
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // a TCP listener has no other kind of address
    return `ws://127.0.0.1:${port}/link`;
  }

  /** Resolves when the next agent has been let in. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }

  /** Opens a connection through the agent. Rejects with the refusal. */
  async open(host: string, port: number, signal?: AbortSignal): Promise<StreamSocket> {
    if (!this.#link) throw new CulvertError('session_offline', 'no agent here');
    const request = {
      key: crypto.getRandomValues(new Uint8Array(16)),
      sessionId: this.sessionId,
      connectionId: randomId('c'),
      kind: 'connect' as const,
      host,
      port,
    };
    const options = { deadlineMs: 5_000, ...(signal === undefined ? {} : { signal }) };
    return new StreamSocket(await openStream(this.#link.streams, request, options));
  }

  /** The next stream of this edge that has lost its path. */
  async detached(): Promise<StreamEnd> {
    return this.#detached.shift() ?? new Promise((resolve) => this.#detaching.push(resolve));
  }

  /** Goes on here with a stream that was opened over another worker. Resolves to the bytes that were sent again. */
  resume(stream: StreamEnd): Promise<number> {
    const { streams } = this.#link ?? {};
    if (!streams) return Promise.reject(new CulvertError('session_offline', 'no agent here'));
    return new Promise((resolve, reject) => {
      const refused = (code: ErrorCode, message: string): void => reject(new CulvertError(code, message));
      streams.resume(stream, { resumed: resolve, refused });
    });
  }

  askToLeave(advice?: Advice): void {
    this.#link?.socket.machine.goAway('draining', 'this worker drains', advice);
  }

  endLink(end: LinkEnd): void {
    this.#link?.socket.machine.end(end);
  }

  /** As `kill -9` looks from outside. */
  breakLinks(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** An edge's link: this worker answers its opens itself, each with a connection to that port of loopback. */
  #serveEdge(socket: LinkTransport): Streams {
    const streams = new Streams({
      send: (frame) => socket.send(frame),
      drop: (stream) => socket.machine.drop(stream),
      nowMs: () => performance.now(),
      accept: (pending) => {
        this.opened.push(pending.request);
        if (this.refuseOpens) pending.refuse(this.refuseOpens.code, this.refuseOpens.message);
        else {
          const upstream = connect({ host: '127.0.0.1', port: pending.request.port, allowHalfOpen: true });
          upstream.once('connect', () => splice(pending.accept(), upstream));
        }
      },
    });
    return streams;
  }

  #greet(socket: LinkTransport) {
    let streams = new Streams({
      send: (frame) => socket.send(frame),
      drop: (stream) => socket.machine.drop(stream),
      nowMs: () => performance.now(),
      detached: (stream) => {
        const waiting = this.#detaching.shift();
        if (waiting) waiting(stream);
        else this.#detached.push(stream);
      },
    });
    void socket.closed.then(({ message }) => streams.lost('link_lost', message));
    return {
      hello: (hello: Hello) => {
        if (hello.role === Role.EDGE) {
          streams = this.#serveEdge(socket);
          socket.machine.welcome(hello, { epoch: 0, sessionId: '', boot: 'boot-1' });
          return;
        }
        this.epoch = this.standsBy ? 0 : this.epoch + 1;
        socket.machine.welcome(hello, { epoch: this.epoch, sessionId: this.sessionId, boot: 'boot-1' });
        streams.resumable = (socket.machine.features & Feature.RESUME) !== 0;
        this.#link = { socket, streams };
        for (const arrived of this.#arrivals.splice(0)) arrived();
      },
      frame: (frame: Parameters<Streams['receive']>[0]) => streams.receive(frame),
      claim: (lastEpoch: number) => {
        this.epoch = lastEpoch + 1;
        socket.machine.claimed(this.epoch);
      },
    };
  }
}
