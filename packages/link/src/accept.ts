import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { CulvertError, ErrorCode, Logger } from '@culvert/base';
import {
  DEAD_AFTER_MS,
  Feature,
  type Frame,
  type Hello,
  type LinkEnd,
  Role,
  VERSION_MAX,
  VERSION_MIN,
} from '@culvert/mux';
import { WebSocketServer } from 'ws';
import { takeOver, WS_OPTIONS } from './handshake.ts';
import { type Gate, LinkSocket, type LinkTransport } from './link-socket.ts';

export interface AcceptedLinkEvents {
  hello(hello: Hello): void;
  frame(frame: Frame): void;
  /** A link on standby is to carry its session from now on. */
  claim?(lastEpoch: number): void;
}

/** What a worker says of itself on each link. */
export function workerHello(nodeId: string, software: string, resumes = true): Hello {
  return {
    versionMin: VERSION_MIN,
    versionMax: VERSION_MAX,
    role: Role.WORKER,
    features: resumes ? Feature.RESUME : 0,
    deadAfterMs: DEAD_AFTER_MS,
    id: nodeId,
    software,
  };
}

export interface LinkAcceptorOptions {
  readonly nodeId: string;
  readonly software: string;
  readonly logger: Logger;
  readonly gate?: Gate;
  /** Offers RESUME; default true. */
  readonly resumes?: boolean;
}

/** Takes WebSocket upgrades and makes links of them; who may come in was decided before. */
export class LinkAcceptor {
  readonly #server = new WebSocketServer({ ...WS_OPTIONS, noServer: true, clientTracking: false });
  readonly #nodeId: string;
  readonly #software: string;
  readonly #logger: Logger;
  readonly #gate: Gate | undefined;
  readonly #resumes: boolean;

  constructor(options: LinkAcceptorOptions) {
    this.#nodeId = options.nodeId;
    this.#software = options.software;
    this.#logger = options.logger;
    this.#gate = options.gate;
    this.#resumes = options.resumes ?? true;
  }

  /** Finishes the handshake; `use` gets the link before anything was received on it. */
  accept(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    use: (link: LinkTransport) => AcceptedLinkEvents,
  ): void {
    this.#server.handleUpgrade(request, socket, head, () => {
      takeOver(socket);
      let events: AcceptedLinkEvents | undefined;
      const link = new LinkSocket({
        side: 'acceptor',
        socket,
        masking: 'none',
        logger: this.#logger,
        gate: this.#gate,
        self: workerHello(this.#nodeId, this.#software, this.#resumes),
        events: {
          hello: (hello) => events?.hello(hello),
          welcome: () => undefined,
          frame: (frame) => events?.frame(frame),
          goAway: (end: LinkEnd) => link.machine.end(end),
          claim: (lastEpoch) => {
            if (events?.claim !== undefined) events.claim(lastEpoch);
            else link.machine.end({ code: 'protocol_error', message: 'L7: CLAIM without standby', final: false });
          },
        },
      });
      events = use(link);
    });
  }
}

/** How long a peer that was refused may take to close the socket. */
const LINGER_MS = 1_000;

/** Answers an upgrade that is not let in, in the words that `dialLink` understands, and closes the socket. */
export function refuseUpgrade(socket: Socket, error: CulvertError, final = false): void {
  const status = error.status;
  const body = `${error.message}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${statusText(error.code)}`,
      `X-Culvert-Error: ${error.code}`,
      ...(final ? ['X-Culvert-Final: true'] : []),
      ...(error.retryAfterSeconds === undefined ? [] : [`Retry-After: ${Math.ceil(error.retryAfterSeconds)}`]),
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  socket.on('error', () => socket.destroy());
  // An upgraded socket is read by nobody, so the peer's own end would not be noticed; and it may never come.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** The reason phrase says the code: a person who looks with curl sees it at once. */
function statusText(code: ErrorCode): string {
  return code.replaceAll('_', ' ');
}
