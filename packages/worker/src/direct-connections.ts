import type { OpenRequest, StreamEnd } from '@culvert/mux';

/** A connection whose browser holds a socket of this process. */
export interface DirectConnection {
  readonly connection: OpenRequest;
  readonly tenant: string;
  readonly stream: StreamEnd;
  /** ms since the Unix epoch. */
  readonly openedAtMs: number;
}

/** What a drain of this worker has to wait for, wherever the session has moved to. */
export class DirectConnections {
  readonly #all = new Set<DirectConnection>();
  readonly #listeners = new Set<() => void>();

  get size(): number {
    return this.#all.size;
  }

  all(): DirectConnection[] {
    return [...this.#all];
  }

  add(connection: DirectConnection): void {
    this.#all.add(connection);
    connection.stream.onClosed(() => {
      this.#all.delete(connection);
      for (const listener of this.#listeners) listener();
    });
  }

  /** Calls `listener` whenever one has ended. Returns what takes it off. */
  onClosed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
