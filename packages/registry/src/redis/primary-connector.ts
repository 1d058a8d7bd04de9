import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import { announceSocket, Backoff, sleep } from '@culvert/base';
import { AbstractConnector } from 'ioredis';
import type { HostPort } from './url-parts.ts';

const SEARCH_FIRST_MS = 100;
const SEARCH_MAX_MS = 2_000;
/** A socket that is ended is destroyed after this: a frozen server never closes its side. */
const DISCONNECT_TIMEOUT_MS = 100;
/** ioredis knows by this very text that the end was wanted. */
const CLOSED = 'Connection is closed.';

/** Where a server is: at a port, or at a Unix socket. */
export type Place = HostPort | { readonly path: string };

/** How the server is found that has our keys now. */
export interface Discovery {
  /** Asks once. Rejects, with the reason in words, if nobody knows. Lets go of everything when the signal is aborted. */
  find(signal: AbortSignal): Promise<Place>;
  /** Calls `moved` when the primary is another than `at`, which `find` has named. Returns what ends the watch. */
  watch(at: Place, moved: () => void): () => void;
}

/** There is one server only. */
export function fixedAt(place: Place): Discovery {
  return { find: async () => place, watch: () => () => undefined };
}

/** What ioredis wants: a class. */
export function connectorTo(discovery: Discovery, tls: TlsOptions | undefined): new () => PrimaryConnector {
  return class extends PrimaryConnector {
    constructor() {
      super(discovery, tls);
    }
  };
}

/**
 * What ioredis opens its sockets with. One connection to one server, found anew each time: all our keys are in one
 * slot, so on a Cluster, too, there is exactly one server to talk to, and nothing is ever sent to two of them.
 */
export class PrimaryConnector extends AbstractConnector {
  readonly #discovery: Discovery;
  readonly #tls: TlsOptions | undefined;
  #stop = new AbortController();

  constructor(discovery: Discovery, tls: TlsOptions | undefined) {
    super(DISCONNECT_TIMEOUT_MS);
    this.#discovery = discovery;
    this.#tls = tls;
  }

  /** Resolves with a socket that is being connected. A rejection would be the client's end, so the search goes on. */
  override async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
    this.connecting = true;
    delete this.firstError;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const backoff = new Backoff({ firstMs: SEARCH_FIRST_MS, maxMs: SEARCH_MAX_MS });
    while (!signal.aborted) {
      let at: Place;
      try {
        at = await this.#discovery.find(signal);
      } catch (error) {
        if (!signal.aborted) emit('error', error instanceof Error ? error : new Error(String(error)));
        await sleep(backoff.next(), signal);
        continue;
      }
      if (!signal.aborted) return this.#open(at);
    }
    throw new Error(CLOSED);
  }

  /** For clients that look at INFO themselves (BullMQ's): false lets them connect once more. */
  override check(info: { role?: string } | undefined): boolean {
    return info?.role !== 'slave';
  }

  override disconnect(): void {
    this.#stop.abort();
    super.disconnect();
  }

  #open(at: Place): Socket {
    const socket = this.#tls ? connectTls({ ...at, ...serverName(at), ...this.#tls }) : connectPlain({ ...at });
    this.stream = socket;
    announceSocket('redis', socket);
    // For good: ioredis hears the first error only, and TLS may tell of a second, which would end the process.
    socket.on('error', (error) => {
      this.firstError ??= error;
    });
    const unwatch = this.#discovery.watch(at, () => socket.destroy(new Error('another server is the primary now')));
    socket.once('close', unwatch);
    return socket;
  }
}

function serverName(at: Place): TlsOptions {
  return 'host' in at && !isIP(at.host) ? { servername: at.host } : {};
}
