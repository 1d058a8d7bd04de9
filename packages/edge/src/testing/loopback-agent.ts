import { connect, type Socket } from 'node:net';
import { CulvertError } from '@culvert/base';
import { splice } from '@culvert/link';
import { type OpenRequest, type PendingStream, type Stream, Streams, type WindowOptions } from '@culvert/mux';
import type { OpenTarget, Tunnel } from '../resolver.ts';

export interface LoopbackAgentOptions {
  /** What a name resolves to; others are dialed as they are. */
  readonly names?: Readonly<Record<string, string>>;
  readonly window?: WindowOptions;
}

/**
 * An agent in this process: both ends of the tunnel protocol joined without a link, and real TCP connections behind
 * it. So the streams that the edge sees are the real ones, with their windows, half-close and resets.
 */
export class LoopbackAgent {
  /** Every open that arrived, in order. */
  readonly opened: OpenRequest[] = [];
  /** Sockets to targets that are open. */
  readonly sockets = new Set<Socket>();
  /** Opens that were given up before they were answered. */
  cancelled = 0;
  /** Decides an open instead of dialing: refuse it, or leave it unanswered. */
  intercept: ((pending: PendingStream) => boolean) | undefined;
  readonly #options: LoopbackAgentOptions;
  readonly #edge: Streams;
  readonly #agent: Streams;

  constructor(options: LoopbackAgentOptions = {}) {
    this.#options = options;
    const common = { nowMs: () => performance.now(), drop: () => undefined };
    const window = options.window === undefined ? {} : { window: options.window };
    this.#edge = new Streams({
      ...common,
      ...window,
      send: (frame) => queueMicrotask(() => this.#agent.receive(frame)),
    });
    this.#agent = new Streams({
      ...common,
      ...window,
      send: (frame) => queueMicrotask(() => this.#edge.receive(frame)),
      accept: (pending) => this.#accept(pending),
    });
  }

  /** Streams open or opening. */
  get streams(): number {
    return this.#edge.size;
  }

  /** Resolves when no stream is left. */
  idle(): Promise<void> {
    return new Promise((resolve) => this.#edge.whenEmpty(resolve));
  }

  tunnel(sessionId: string, tenantId = 'acme'): Tunnel {
    return { sessionId, tenantId, open: (target, signal) => this.#open(sessionId, target, signal) };
  }

  /** As if the link were lost. */
  lose(): void {
    this.#edge.lost('link_lost', 'the link was lost');
    this.#agent.lost('link_lost', 'the link was lost');
  }

  close(): void {
    this.lose();
    for (const socket of this.sockets) socket.destroy();
  }

  #open(sessionId: string, target: OpenTarget, signal: AbortSignal): Promise<Stream> {
    return new Promise((resolve, reject) => {
      const key = crypto.getRandomValues(new Uint8Array(16));
      const opening = this.#edge.open(
        { key, sessionId, ...target },
        { opened: resolve, refused: (code, message) => reject(new CulvertError(code, message)) },
      );
      signal.addEventListener('abort', () => {
        opening.cancel();
        reject(signal.reason);
      });
    });
  }

  #accept(pending: PendingStream): void {
    const { host, port } = pending.request;
    this.opened.push(pending.request);
    pending.onCancelled(() => {
      this.cancelled += 1;
    });
    if (this.intercept?.(pending)) return;
    const socket = connect({ host: this.#options.names?.[host] ?? host, port, allowHalfOpen: true, noDelay: true });
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    const onError = (error: Error): void => pending.refuse('target_unreachable', error.message);
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      splice(pending.accept(), socket, { socketErrorCode: 'target_reset' });
    });
  }
}
