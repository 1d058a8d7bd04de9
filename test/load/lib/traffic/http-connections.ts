import type { Socket } from 'node:net';
import type { TrafficContext } from './traffic.ts';

/** The private app breaks nothing off: an answer with one of these is a connection that was open, and was lost. */
const BROKEN: ReadonlySet<string> = new Set(['target_reset', 'target_invalid_response']);

/**
 * Counts connections where only requests are seen: one to the proxy over which an answer of the app has come is one to the
 * app, until it ends.
 */
export class HttpConnections {
  readonly #context: TrafficContext;
  readonly #open = new Set<Socket>();
  /** Those of them in the middle of an answer: if they close, that decides. */
  readonly #busy = new Set<Socket>();

  constructor(context: TrafficContext) {
    this.#context = context;
  }

  isOpen(socket: Socket | null): boolean {
    return socket !== null && this.#open.has(socket);
  }

  /** An answer has begun, with Culvert's code if it is not the app's. */
  answered(socket: Socket, code: string | undefined): void {
    const { ledger } = this.#context;
    const known = this.#open.has(socket);
    if (code !== undefined && !BROKEN.has(code)) {
      ledger.attempted('http');
      return ledger.failed('http', code);
    }
    if (!known) {
      ledger.attempted('http');
      ledger.opened('http');
      this.#open.add(socket);
      socket.once('close', () => {
        if (!this.#busy.has(socket)) this.#finish(socket);
      });
    }
    this.#busy.add(socket);
    if (code !== undefined) this.lost(socket, code);
  }

  /** The answer is there to its last byte. */
  complete(socket: Socket | null): void {
    if (socket === null) return;
    this.#busy.delete(socket);
    if (socket.destroyed) this.#finish(socket);
  }

  /** It was open, and broke in the middle of an answer. The next answer over the same socket is by another one. */
  lost(socket: Socket | null, reason: string): void {
    if (socket === null || !this.#forget(socket)) return;
    this.#context.ledger.lost('http', reason);
    this.#context.add('connections_lost', 1, { kind: 'http', reason });
  }

  /** No answer has come. */
  unanswered(code: string): void {
    this.#context.ledger.attempted('http');
    this.#context.ledger.unanswered('http', code);
  }

  /** Broken off by the end of the run. */
  interrupted(socket: Socket | null): void {
    if (socket === null || !this.#forget(socket)) this.#context.ledger.attempted('http');
    this.#context.ledger.interrupted('http');
  }

  /** All that are left have come to a good end. */
  close(): void {
    for (const socket of this.#open) this.#finish(socket);
  }

  #finish(socket: Socket): void {
    if (this.#forget(socket)) this.#context.ledger.finished('http');
  }

  /** False: it was not open. */
  #forget(socket: Socket): boolean {
    this.#busy.delete(socket);
    return this.#open.delete(socket);
  }
}
