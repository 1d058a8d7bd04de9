/** Clients of a process that is replaced come back within this, ms: soon, and not all in one moment. */
const RETIRED_RETRY_MS = { least: 100, spread: 900 };

/** One client's stream, which ends with a reason and, if it is to come back at another time than usual, in so many ms. */
export interface EndableStream {
  end(reason: string, retryMs?: number): void;
}

/** The streams of a kind that run in this process, until their clients go, another process takes over, or this one stops. */
export class RunningStreams {
  readonly #running = new Map<EndableStream, Promise<unknown>>();
  #retired = false;
  #closed = false;

  get size(): number {
    return this.#running.size;
  }

  /** None begins any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** `done` settles, and never rejects, when the stream is over. */
  add(stream: EndableStream, done: Promise<unknown>): void {
    this.#running.set(stream, done);
    void done.then(() => this.#running.delete(stream));
    if (this.#retired) sendOn(stream);
  }

  /** Sends all of them to the process that takes this one's place, and those that are still opened here. */
  retire(): void {
    this.#retired = true;
    for (const stream of this.#running.keys()) sendOn(stream);
  }

  /** Ends all of them; resolves once they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running.values()];
    for (const stream of this.#running.keys()) stream.end('this process stops; come back');
    await Promise.all(running);
  }
}

function sendOn(stream: EndableStream): void {
  const { least, spread } = RETIRED_RETRY_MS;
  stream.end('this process is being replaced; come back', least + Math.floor(Math.random() * spread));
}
