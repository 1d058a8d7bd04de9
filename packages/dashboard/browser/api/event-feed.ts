export type FeedState = 'connecting' | 'live' | 'lost';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 15_000;

/**
 * One text/event-stream that is kept open (HTML, section 9.2). A browser comes back by itself after a lost connection, but
 * gives up for good after an answer that is no stream, such as a 503 while the API is being replaced: then it is opened anew
 * here, with back-off and jitter.
 */
export class EventFeed {
  readonly #url: string;
  readonly #types: readonly string[];
  readonly #receive: (type: string, data: unknown, id: string) => void;
  readonly #watchers = new Set<(state: FeedState) => void>();
  #source: EventSource | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #lastId = '';

  /** `types`: the names of the events that are wanted beside `message`. */
  constructor(url: string, types: readonly string[], receive: (type: string, data: unknown, id: string) => void) {
    this.#url = url;
    this.#types = types;
    this.#receive = receive;
  }

  onState(watcher: (state: FeedState) => void): void {
    this.#watchers.add(watcher);
  }

  open(): void {
    this.close();
    const source = new EventSource(this.#place());
    this.#source = source;
    this.#tell('connecting');
    source.onopen = () => {
      this.#failures = 0;
      this.#tell('live');
    };
    source.onerror = () => {
      this.#tell('lost');
      if (source.readyState === EventSource.CLOSED) this.#openLater();
    };
    const hear = (event: MessageEvent<string>): void => {
      if (event.lastEventId !== '') this.#lastId = event.lastEventId;
      if (event.data !== '') this.#receive(event.type, JSON.parse(event.data), event.lastEventId);
    };
    for (const type of ['message', ...this.#types]) source.addEventListener(type, hear);
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }

  /** A new EventSource knows nothing of the last id: the place goes into the address. */
  #place(): string {
    if (this.#lastId === '') return this.#url;
    return `${this.#url}${this.#url.includes('?') ? '&' : '?'}after=${encodeURIComponent(this.#lastId)}`;
  }

  #openLater(): void {
    const bound = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.open(), Math.random() * bound);
  }

  #tell(state: FeedState): void {
    for (const watcher of this.#watchers) watcher(state);
  }
}
