import { Agent, type ClientRequest, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { StreamSocket } from '@culvert/link';
import type { Opener } from './opener.ts';
import type { Tunnel } from './resolver.ts';

/** Connections to targets that one browser connection keeps for its next request. Each makes its session busy. */
const MAX_IDLE = 8;
/** A connection that one side has ended waits this long for the other side's end, in ms. */
const END_WAIT_MS = 2_000;

type Created = (error: Error | null, socket: Duplex) => void;

/**
 * The connections to targets behind one browser connection, kept alive from request to request and never shared
 * with another browser connection: NTLM and Negotiate bind an identity to a connection.
 */
export class UpstreamPool extends Agent {
  readonly #tunnel: Tunnel;
  readonly #opener: Opener;
  readonly #gone = new AbortController();
  readonly #idle = new Set<Duplex>();

  constructor(tunnel: Tunnel, opener: Opener) {
    super({ keepAlive: true, maxFreeSockets: MAX_IDLE });
    this.#tunnel = tunnel;
    this.#opener = opener;
  }

  override createConnection(options: ClientRequestArgs, created?: Created): undefined {
    const target = { host: String(options.host), port: Number(options.port) };
    this.#opener.open(this.#tunnel, target, 'http', this.#gone.signal).then(
      (stream) => created?.(null, closeOnceEnded(new StreamSocket(stream))),
      // node's type wants a socket beside the error as well, and its code never looks at it.
      (error: Error) => (created as ((error: Error) => void) | undefined)?.(error),
    );
  }

  override keepSocketAlive(socket: Duplex): boolean {
    this.#idle.add(socket);
    socket.on('data', destroyThis);
    socket.on('end', destroyThis);
    socket.on('error', ignoreIdleError);
    socket.once('close', () => this.#idle.delete(socket));
    const [oldest] = this.#idle;
    if (this.#idle.size > MAX_IDLE) oldest?.destroy();
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.#idle.delete(socket);
    socket.off('data', destroyThis);
    socket.off('end', destroyThis);
    socket.off('error', ignoreIdleError);
    super.reuseSocket(socket, request);
  }

  /** Closes the connections that no request uses. */
  closeIdle(): void {
    for (const socket of this.#idle) socket.destroy();
    this.#idle.clear();
  }

  /** Closes everything, and gives up what is being opened. */
  override destroy(): void {
    this.#gone.abort();
    super.destroy();
  }
}

/** The target has ended, or it sends what nobody asked for and could be taken for the next answer. */
function destroyThis(this: Duplex): void {
  this.destroy();
}

/** An idle connection may break at any time; the pool hears of it by `close`. */
function ignoreIdleError(): void {
  return;
}

/**
 * Once one side has ended, the other has a while for its own end. node's client leaves that to the socket, and a stream
 * waits for ever: for a target that never ends, or for one that ended and takes no more of an upload.
 */
function closeOnceEnded(socket: Duplex): Duplex {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    timer ??= setTimeout(() => socket.destroy(), END_WAIT_MS);
  };
  socket.once('finish', arm);
  socket.once('end', arm);
  socket.once('close', () => clearTimeout(timer));
  return socket;
}
