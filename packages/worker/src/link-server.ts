import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { LinkPeer, LinkReading } from '@culvert/edge';
import { type Gate, LinkAcceptor, type LinkTransport, refuseUpgrade } from '@culvert/link';
import { type ClusterSecret, type HostPort, type Ticket, verifyTicket } from '@culvert/service';
import type { Admission } from './admission.ts';
import { serveAgent } from './agent-links.ts';
import { serveEdge } from './edge-links.ts';
import type { Sessions } from './sessions.ts';

/** An upgrade request is a line and a few fields; the ticket is the longest of them. */
const MAX_HEADER_BYTES = 16_384;
/** For the whole upgrade request to arrive: nobody holds a socket open by sending slowly. */
const HEADERS_TIMEOUT_MS = 10_000;

export interface LinkServerOptions {
  readonly nodeId: string;
  readonly boot: () => string;
  readonly software: string;
  readonly secret: ClusterSecret;
  readonly sessions: Sessions;
  readonly logger: Logger;
  /** Why no agent is let in; undefined when they are. Edges always are: what is served here has to be reached. */
  readonly refusing: () => CulvertError | undefined;
  readonly admission: Pick<Admission, 'admit'>;
  readonly gate?: Gate;
  /** Connections may go on over other links; default true. */
  readonly resumes?: boolean;
}

/** Where agents, gateways and local proxies dial in: one path, told apart by their tickets. */
export class LinkServer {
  readonly #options: LinkServerOptions;
  readonly #server: Server;
  readonly #acceptor: LinkAcceptor;
  readonly #links = new Map<LinkTransport, LinkPeer>();

  constructor(options: LinkServerOptions) {
    this.#options = options;
    const { nodeId, software, logger, gate, resumes = true } = options;
    this.#acceptor = new LinkAcceptor({ nodeId, software, logger, resumes, ...(gate === undefined ? {} : { gate }) });
    this.#server = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS },
      (_request, response) => {
        response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
        response.end(
          'This is where Culvert links are dialed: a WebSocket at /link, with a ticket of the routing API.\n',
        );
      },
    );
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#onUpgrade(request, socket, head);
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** The port that it got. */
  listen(address: HostPort): Promise<HostPort> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...address, backlog: 4_096 }, () => {
        this.#server.off('error', reject);
        const bound = this.#server.address();
        if (bound === null || typeof bound === 'string') reject(new Error('the link server has no TCP address'));
        else resolve({ host: address.host, port: bound.port });
      });
    });
  }

  get links(): number {
    return this.#links.size;
  }

  /** Bytes that wait for a link to take them. */
  get queuedBytes(): number {
    let sum = 0;
    for (const link of this.#links.keys()) sum += link.machine.queuedBytes;
    return sum;
  }

  /** Its links one by one. */
  readings(): LinkReading[] {
    return [...this.#links].map(([link, peer]) => ({ peer, active: 1, queuedBytes: link.machine.queuedBytes }));
  }

  /** Ends every link and the listener. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const link of this.#links.keys()) {
      link.machine.end({ code: 'shutting_down', message: 'the worker is stopping', final: false });
    }
    await Promise.all([...this.#links.keys()].map((link) => link.closed));
    this.#server.closeAllConnections();
    await closed;
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    try {
      const ticket = this.#admit(request);
      this.#acceptor.accept(request, socket, head, (link) => {
        this.#links.set(link, peerOf(ticket));
        void link.closed.then(() => this.#links.delete(link));
        const { sessions, boot, logger } = this.#options;
        if (ticket.kind === 'agent') return serveAgent(link, ticket, { sessions, boot, logger });
        return serveEdge(link, ticket, { sessions, boot });
      });
    } catch (thrown) {
      const error = toCulvertError(thrown);
      this.#options.logger.warn({ event: 'link.refused', code: error.code, err: thrown }, 'link refused');
      refuseUpgrade(socket, error);
    }
  }

  /** @throws CulvertError not_found, draining, overloaded, ticket_invalid, ticket_expired, and what `refusing` says */
  #admit(request: IncomingMessage): Ticket {
    if (request.url !== '/link') throw new CulvertError('not_found', 'links are dialed at /link');
    const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) throw new CulvertError('ticket_invalid', 'the link ticket is missing');
    const { secret, nodeId, refusing, admission, sessions } = this.#options;
    const ticket = verifyTicket(secret, bearer, { node: nodeId, now: Date.now() });
    if (ticket.kind !== 'agent') return ticket;
    const why = refusing();
    if (why !== undefined) throw why;
    // An agent that comes back to a session which is here brings nothing that was not here before.
    if (sessions.get(ticket.sessionId) === undefined) admission.admit(ticket);
    return ticket;
  }
}

function peerOf(ticket: Ticket): LinkPeer {
  if (ticket.kind === 'node') return ticket.role === 'gateway' ? 'gateway' : 'worker';
  return ticket.kind === 'agent' ? 'agent' : 'proxy';
}
