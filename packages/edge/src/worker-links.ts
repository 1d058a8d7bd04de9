import {
  Backoff,
  type Clock,
  CulvertError,
  type Logger,
  systemClock,
  toCulvertError,
  withDeadline,
} from '@culvert/base';
import { type DialLinkOptions, dialLink, type Link } from '@culvert/link';
import type { OpenRequest, Reason, Stream, StreamEnd } from '@culvert/mux';

/** One life of a worker, and where its links are dialed. */
export interface WorkerAddress {
  readonly id: string;
  readonly boot: string;
  /** ws:// or wss://, with the path. */
  readonly link: string;
}

export interface WorkerLinksOptions {
  /** Who dials: the gateway's node id, or the local proxy's own. */
  readonly id: string;
  /** `name/version`. */
  readonly software: string;
  readonly logger: Logger;
  /** A fresh ticket for a link to this worker; asked for at each dial. */
  readonly token: (worker: WorkerAddress) => string | Promise<string>;
  /** For a dial up to the worker's welcome, ms. */
  readonly dialDeadlineMs?: number;
  /** A link without streams is closed after this, ms. */
  readonly idleMs?: number;
  readonly tls?: { readonly ca?: string };
  /** A stream has lost its link to `from` (a worker's id) and waits to be resumed over another. Absent: it is broken off. */
  readonly detached?: (stream: StreamEnd, why: Reason, from: string) => void;
  /** Told the round trip of each heartbeat over any of the links, ms. */
  readonly roundTrip?: (ms: number) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Replaced in tests. */
  readonly dial?: (options: DialLinkOptions) => Promise<Link>;
}

/** How many times as often as `idleMs` idle links are looked for. */
const SWEEPS_PER_IDLE = 4;
const DEFAULTS = { dialDeadlineMs: 5_000, idleMs: 600_000, dial: dialLink, clock: systemClock };
/** A worker that cannot be reached is asked again soon: its sessions wait. */
const BACKOFF = { firstMs: 100, maxMs: 5_000 };

type State =
  | { phase: 'dialing'; link: Promise<Link> }
  | { phase: 'up'; link: Link; usedAtMs: number }
  | { phase: 'failed'; error: CulvertError; retryAtMs: number };

interface Entry {
  state: State;
  readonly backoff: Backoff;
  readonly worker: string;
}

/** One warm link per worker, dialed when it is first needed; concurrent openers share the dial. */
export class WorkerLinks {
  readonly #options: WorkerLinksOptions & typeof DEFAULTS;
  readonly #entries = new Map<string, Entry>();
  /** Links that take no new streams, and the ids of their workers, which asked us to leave. */
  readonly #leaving = new Map<Link, string>();
  readonly #stop = new AbortController();
  #cancelSweep: () => void;

  constructor(options: WorkerLinksOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#cancelSweep = this.#sweepLater();
  }

  /** Links that are up, those included that take no new streams. */
  get size(): number {
    return this.#up.length;
  }

  /** Bytes of frames that wait to leave. */
  get queuedBytes(): number {
    return this.#up.reduce((sum, link) => sum + link.queuedBytes, 0);
  }

  /** Open streams by the id of their worker, over all of its boots and links. */
  streams(): Map<string, number> {
    const counts = new Map<string, number>();
    const count = (worker: string, link: Link): void => {
      counts.set(worker, (counts.get(worker) ?? 0) + link.openStreams);
    };
    for (const { state, worker } of this.#entries.values()) if (state.phase === 'up') count(worker, state.link);
    for (const [link, worker] of this.#leaving) count(worker, link);
    return counts;
  }

  /**
   * Opens a connection through a worker.
   * @throws CulvertError: the refusal's code; node_unreachable when there is no link and none can be had
   */
  async open(
    worker: WorkerAddress,
    request: OpenRequest,
    options: { deadlineMs: number; signal?: AbortSignal },
  ): Promise<Stream> {
    const link = await this.linkTo(worker);
    // The dial is shared, so it is not given up for one browser; its own deadline bounds the wait.
    if (options.signal?.aborted) throw new CulvertError('cancelled', 'the browser gave up');
    return link.open(request, options);
  }

  /** Ends all links; streams on them are reset. */
  close(): void {
    this.#cancelSweep();
    this.#stop.abort();
    for (const { state } of this.#entries.values()) if (state.phase === 'up') state.link.close('shutting_down');
    for (const link of this.#leaving.keys()) link.close('shutting_down');
    this.#entries.clear();
    this.#leaving.clear();
  }

  /**
   * The link to a worker, dialed when there is none. Concurrent callers share the dial.
   * @throws CulvertError node_unreachable, shutting_down
   */
  async linkTo(worker: WorkerAddress): Promise<Link> {
    if (this.#stop.signal.aborted) throw new CulvertError('shutting_down');
    const key = `${worker.id}#${worker.boot} ${worker.link}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const { random } = this.#options;
      const backoff = new Backoff({ ...BACKOFF, ...(random === undefined ? {} : { random }) });
      entry = { state: this.#failedBefore(), backoff, worker: worker.id };
      this.#entries.set(key, entry);
    }
    const { state } = entry;
    switch (state.phase) {
      case 'up':
        state.usedAtMs = this.#options.clock.monotonic();
        return state.link;
      case 'dialing':
        return state.link;
      case 'failed':
        if (this.#options.clock.monotonic() < state.retryAtMs) throw state.error;
        return this.#dial(key, entry, worker);
    }
  }

  /** What a new entry starts from: as if a failure's back-off had just run out. */
  #failedBefore(): State {
    return { phase: 'failed', error: new CulvertError('node_unreachable'), retryAtMs: 0 };
  }

  #dial(key: string, entry: Entry, worker: WorkerAddress): Promise<Link> {
    const link = this.#connect(worker).then(
      (up) => {
        this.#onUp(key, entry, worker, up);
        return up;
      },
      (thrown: unknown) => {
        const error = this.#unreachable(worker, thrown);
        entry.state = { phase: 'failed', error, retryAtMs: this.#options.clock.monotonic() + entry.backoff.next() };
        throw error;
      },
    );
    entry.state = { phase: 'dialing', link };
    return link;
  }

  async #connect(worker: WorkerAddress): Promise<Link> {
    const { id, software, logger, token, dial, dialDeadlineMs, tls, detached, roundTrip, clock } = this.#options;
    return dial({
      url: worker.link,
      token: await withDeadline(dialDeadlineMs, 'a ticket for the link', async () => token(worker)),
      role: 'edge',
      id,
      software,
      logger,
      deadlineMs: dialDeadlineMs,
      signal: this.#stop.signal,
      clock,
      ...(detached === undefined ? {} : { detached: (stream, why) => detached(stream, why, worker.id) }),
      ...(roundTrip === undefined ? {} : { roundTrip }),
      ...(tls === undefined ? {} : { tls }),
    });
  }

  #onUp(key: string, entry: Entry, worker: WorkerAddress, link: Link): void {
    const { logger } = this.#options;
    if (this.#stop.signal.aborted) {
      link.close('shutting_down');
      return;
    }
    entry.backoff.reset();
    entry.state = { phase: 'up', link, usedAtMs: this.#options.clock.monotonic() };
    logger.info({ event: 'link.up', worker: worker.id, worker_boot: worker.boot }, `link to ${worker.id} is up`);
    link.onGoAway(() => {
      this.#forget(key, entry);
      this.#leaving.set(link, worker.id);
      link.whenEmpty(() => link.close());
    });
    void link.closed.then((end) => {
      this.#forget(key, entry);
      this.#leaving.delete(link);
      const fields = { event: 'link.down', worker: worker.id, worker_boot: worker.boot, reason: end.code };
      logger.info({ ...fields, detail: end.message }, `link to ${worker.id} ended`);
    });
  }

  get #up(): Link[] {
    const entered = [...this.#entries.values()].flatMap(({ state }) => (state.phase === 'up' ? [state.link] : []));
    return [...entered, ...this.#leaving.keys()];
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #unreachable(worker: WorkerAddress, thrown: unknown): CulvertError {
    const cause = toCulvertError(thrown, 'node_unreachable');
    const fields = { event: 'link.dial_failed', worker: worker.id, worker_boot: worker.boot, code: cause.code };
    this.#options.logger.warn({ ...fields, detail: cause.message }, `cannot reach worker ${worker.id}`);
    return new CulvertError('node_unreachable', `Worker ${worker.id} cannot be reached.`, { cause });
  }

  #sweepLater(): () => void {
    return this.#options.clock.after(this.#options.idleMs / SWEEPS_PER_IDLE, () => {
      this.#sweep();
      this.#cancelSweep = this.#sweepLater();
    });
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const [key, entry] of this.#entries) {
      const { state } = entry;
      // An entry that failed long ago is a worker that is gone; it holds nothing but its back-off.
      if (state.phase === 'failed' && state.retryAtMs + this.#options.idleMs < nowMs) this.#entries.delete(key);
      if (state.phase !== 'up' || state.usedAtMs + this.#options.idleMs > nowMs) continue;
      if (state.link.openStreams === 0) {
        this.#forget(key, entry);
        state.link.close();
      }
    }
  }
}
