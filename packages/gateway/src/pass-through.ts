import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { CulvertError, type Logger, sleep, toCulvertError, toErrorCode } from '@culvert/base';
import { join } from '@culvert/edge';
import { refuseUpgrade } from '@culvert/link';
import { type ClusterSecret, stopListening, verifyTicket } from '@culvert/service';
import type { WorkerDirectory } from './worker-directory.ts';

/** The same bounds as a worker's own link server: a ticket is the longest field. */
const MAX_HEADER_BYTES = 16_384;
const HEADERS_TIMEOUT_MS = 10_000;
const LINK_PATH = /^\/link\/(?<worker>[a-z0-9][a-z0-9._-]{0,62})$/;
/** What a WebSocket handshake needs; nothing else is passed on. */
const HANDSHAKE_FIELDS = new Set([
  'authorization',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
  'user-agent',
]);

export interface PassThroughOptions {
  readonly secret: ClusterSecret;
  readonly workers: Pick<WorkerDirectory, 'linkOf'>;
  readonly logger: Logger;
  /** For reaching the worker and its answer to the handshake, ms. */
  readonly dialDeadlineMs?: number;
  /** Given while nothing new is taken. */
  readonly refusing?: () => CulvertError | undefined;
}

/** The worker's 101, and what its socket carried behind it. */
interface Handshake {
  readonly answer: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const DIAL_DEADLINE_MS = 10_000;
/** Links are ended in so many steps at most … */
const MOST_STEPS = 50;
/** … with so much time between two, ms: 5 s in all. */
const STEP_MS = 100;

/**
 * Passes the link of an agent (or a local proxy) through to its worker, where workers have no public address:
 * `/link/<worker id>`, for who holds a ticket for that worker. The bytes behind the handshake are not looked at.
 */
export class PassThrough {
  readonly #options: PassThroughOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  constructor(options: PassThroughOptions) {
    this.#options = options;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2,
        noDelay: true,
        keepAlive: true,
      },
      (_request, response) => {
        response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
        response.end(
          'Agents dial their links here: a WebSocket at /link/<worker>, with a ticket of the routing API.\n',
        );
      },
    );
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#onUpgrade(request, socket, head);
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Resolves with the port once it listens; `reusePort`: beside other processes that do (Linux). */
  listen(address: { host: string; port: number; reusePort?: boolean }): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...address, backlog: 4_096 }, () => {
        this.#server.off('error', reject);
        // A server on a TCP port has an AddressInfo; strings are for pipes.
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Links that pass through now. */
  get links(): number {
    return this.#sockets.size;
  }

  /** Takes no new links, which another process on this port has from now on; those that there are go on. */
  stopListening(): Promise<void> {
    return stopListening(this.#server);
  }

  /**
   * Ends all links, a few at a time, so that their agents do not all come to the others in one moment; after `deadline` at once.
   * Resolves when none is left.
   */
  async end(deadline: AbortSignal): Promise<void> {
    const steps = Math.min(this.#sockets.size, MOST_STEPS);
    const atOnce = Math.ceil(this.#sockets.size / Math.max(1, steps));
    while (this.#sockets.size > 0) {
      const some = [...this.#sockets].slice(0, deadline.aborted ? this.#sockets.size : atOnce);
      const closed = some.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
      for (const socket of some) socket.destroy();
      await Promise.all(closed);
      if (this.#sockets.size > 0) await sleep(STEP_MS, deadline);
    }
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    // An error is always followed by `close`, which is what is acted on.
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#passOn(request, socket, head).catch((thrown: unknown) => {
      const error = toCulvertError(thrown);
      this.#options.logger.warn({ event: 'link.refused', code: error.code, detail: error.message }, 'link refused');
      refuseUpgrade(socket, error);
    });
  }

  async #passOn(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const refusing = this.#options.refusing?.();
    if (refusing !== undefined) throw refusing;
    const worker = this.#admit(request);
    const link = await this.#options.workers.linkOf(worker);
    if (link === undefined) throw new CulvertError('node_unreachable', `Worker ${worker} is not there.`);
    const upstream = await this.#handshake(request, socket, link);
    const { socket: far, answer, head: farHead } = upstream;
    socket.write(statusAndFields(answer), 'latin1');
    if (farHead.length > 0) socket.write(farHead);
    if (head.length > 0) far.write(head);
    join(socket, far);
  }

  /** The worker that the path names, if the ticket is for it. Nodes of the cluster reach workers themselves. */
  #admit(request: IncomingMessage): string {
    const worker = LINK_PATH.exec(request.url ?? '')?.groups?.worker;
    if (worker === undefined) throw new CulvertError('not_found', 'Links are dialed at /link/<worker>.');
    const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) throw new CulvertError('ticket_invalid', 'The link ticket is missing.');
    const ticket = verifyTicket(this.#options.secret, bearer, { node: worker, now: Date.now() });
    if (ticket.kind === 'node') throw new CulvertError('ticket_invalid', 'Only agents and local proxies dial through.');
    return worker;
  }

  /** Sends the handshake to the worker; resolves with its 101, rejects with what it answered instead. */
  #handshake(request: IncomingMessage, socket: Socket, link: string): Promise<Handshake> {
    const { promise, resolve, reject } = Promise.withResolvers<Handshake>();
    const url = new URL(link);
    const upstream = httpRequest({
      createConnection: () => dial(url),
      path: '/link',
      headers: handshakeFields(request, url.host),
      setHost: false,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    const giveUp = (): void => {
      upstream.destroy(new CulvertError('cancelled', 'the agent gave up'));
    };
    const deadline = setTimeout(() => {
      upstream.destroy(new CulvertError('node_unreachable', 'The worker did not answer in time.'));
    }, this.#options.dialDeadlineMs ?? DIAL_DEADLINE_MS);
    socket.once('close', giveUp);
    upstream.once('close', () => {
      clearTimeout(deadline);
      socket.off('close', giveUp);
    });
    upstream.on('error', (error) => {
      reject(
        error instanceof CulvertError ? error : new CulvertError('node_unreachable', 'The worker cannot be reached.'),
      );
    });
    upstream.once('upgrade', (answer, far, head) => resolve({ socket: far, answer, head }));
    upstream.once('response', (answer) => {
      reject(refusalOf(answer));
      upstream.destroy();
    });
    upstream.end();
    return promise;
  }
}

function dial(url: URL): Duplex {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'wss:';
  const port = Number(url.port || (secure ? 443 : 80));
  const options = { host, port, allowHalfOpen: true, noDelay: true, keepAlive: true };
  return secure ? connectTls({ ...options, servername: isIP(host) === 0 ? host : '' }) : connect(options);
}

function handshakeFields(request: IncomingMessage, host: string): string[] {
  const fields = ['Host', host, 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
  for (const name of HANDSHAKE_FIELDS) {
    const value = request.headers[name];
    if (typeof value === 'string') fields.push(name, value);
  }
  return fields;
}

function statusAndFields(answer: IncomingMessage): string {
  let text = `HTTP/1.1 101 ${answer.statusMessage}\r\n`;
  const raw = answer.rawHeaders;
  for (let at = 0; at + 1 < raw.length; at += 2) text += `${raw[at]}: ${raw[at + 1]}\r\n`;
  return `${text}\r\n`;
}

/** The worker's refusal, told on: the agent acts on its code. */
function refusalOf(answer: IncomingMessage): CulvertError {
  const code = toErrorCode(answer.headers['x-culvert-error'], 'node_unreachable');
  const retryAfter = Number(answer.headers['retry-after']);
  return new CulvertError(code, `The worker answered ${answer.statusCode} ${code}.`, {
    ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
  });
}
