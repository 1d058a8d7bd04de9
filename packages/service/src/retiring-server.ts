import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server, type Socket } from 'node:net';
import { type Clock, pause, systemClock } from '@culvert/base';

/** From the retirement on, a connection that nobody used for so long is closed: nobody is about to send a request on it. ms. */
const IDLE_MS = 5_000;
/** Turns of the event loop without a new connection after which none is believed to wait; the first may end before it has looked. */
const QUIET_TURNS = 3;
/** While a turn lasts, connections come that nobody has looked for: at first only turns as short as this count, ms … */
const SHORT_TURN_MS = 0.05;
/** … then longer ones, up to this, ms; a busy process has no short ones. */
const LONG_TURN_MS = 2;
/** A listener at which connections never cease to come is closed all the same after this, ms. */
const QUIET_WITHIN_MS = 1_000;

/**
 * Closes the listener of a server whose port another process listens on, too (`reusePort`); connections go on. The kernel resets
 * what it has accepted for this listener and we have not, so it is closed at a moment at which nothing is in the queue. What
 * comes in the very instant between the last look and the end is lost all the same; Linux can hand it on
 * (`net.ipv4.tcp_migrate_req=1`).
 */
export async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  let quietTurns = 0;
  const onConnection = (): void => {
    quietTurns = 0;
  };
  server.on('connection', onConnection);
  const sinceMs = performance.now();
  for (let lastMs = sinceMs; quietTurns < QUIET_TURNS && lastMs - sinceMs < QUIET_WITHIN_MS; ) {
    quietTurns += 1;
    await new Promise(setImmediate);
    const nowMs = performance.now();
    const shortMs = SHORT_TURN_MS + ((nowMs - sinceMs) / QUIET_WITHIN_MS) * (LONG_TURN_MS - SHORT_TURN_MS);
    if (nowMs - lastMs > shortMs) quietTurns = 0;
    lastMs = nowMs;
  }
  server.off('connection', onConnection);
  // Not that of an HTTP server, which closes idle connections at once: a request may be on its way there.
  Server.prototype.close.call(server);
}

/** An HTTP server that can hand its port over to another process, and finish what it has. */
export class RetiringServer {
  readonly #server: HttpServer;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Set<ServerResponse>();
  readonly #onEmpty = new Set<() => void>();
  #retiring = false;

  /** Before it listens. */
  constructor(server: HttpServer, clock: Clock = systemClock) {
    this.#server = server;
    this.#clock = clock;
    server.on('connection', (socket: Socket) => this.#onConnection(socket));
    // Ahead of who answers: the answer's head may be written at once.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      server.prependListener(event, (_request: IncomingMessage, response: ServerResponse) => this.#onRequest(response));
    }
  }

  /** Open now: idle ones, tunnels and all. */
  get connections(): number {
    return this.#sockets.size;
  }

  /**
   * Takes no new connection, and ends each with its next answer, or when nobody uses it; tunnels go on. Resolves when none is
   * left. At the deadline the rest is cut.
   */
  async retire(deadline: AbortSignal): Promise<void> {
    this.#retiring = true;
    for (const answer of this.#answers) closeBehind(answer);
    await stopListening(this.#server);
    this.#server.keepAliveTimeout = Math.min(this.#server.keepAliveTimeout, IDLE_MS);
    const empty = new AbortController();
    const onDeadline = (): void => this.#cut();
    this.#onEmpty.add(() => empty.abort());
    if (this.#sockets.size === 0) empty.abort();
    if (deadline.aborted) onDeadline();
    else deadline.addEventListener('abort', onDeadline, { once: true });
    await pause(this.#clock, IDLE_MS, empty.signal);
    this.#server.closeIdleConnections();
    await aborted(empty.signal);
    deadline.removeEventListener('abort', onDeadline);
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size > 0) return;
      for (const listener of this.#onEmpty) listener();
    });
  }

  #onRequest(answer: ServerResponse): void {
    if (this.#retiring) closeBehind(answer);
    this.#answers.add(answer);
    answer.once('close', () => this.#answers.delete(answer));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Says so in the answer's head, if that has not been sent. */
function closeBehind(answer: ServerResponse): void {
  if (!answer.headersSent) answer.shouldKeepAlive = false;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
