import { type Clock, type Logger, systemClock } from '@culvert/base';
import type { Link } from '@culvert/link';
import { RESUME_WINDOW_MS, type Reason, type StreamEnd } from '@culvert/mux';
import { ObservedConnections } from './observed-connections.ts';
import type { ReattachLog } from './reattach-log.ts';
import { Search, type SearchOptions } from './reattach-search.ts';
import type { FindRoute } from './routed-tunnel.ts';
import type { WorkerAddress } from './worker-links.ts';

export interface ReattacherOptions {
  readonly links: { linkTo(worker: WorkerAddress): Promise<Pick<Link, 'resume'>> };
  readonly findRoute: FindRoute;
  /** How long a connection may be without a path, ms. */
  readonly resumeWindowMs?: number;
  readonly logger: Logger;
  readonly observed?: SearchOptions['observed'];
  /** Where it is kept, connection by connection, what became of them. */
  readonly log?: ReattachLog;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * Brings connections that have lost their path back over the session's owner, wherever that is now (SPEC §6). One search
 * per session; it goes on until all of its streams are attached, over, or their window is.
 */
export class Reattacher {
  readonly #options: SearchOptions;
  readonly #searches = new Map<string, Search>();
  #closed = false;

  constructor(options: ReattacherOptions) {
    this.#options = {
      clock: systemClock,
      observed: new ObservedConnections(),
      resumeWindowMs: RESUME_WINDOW_MS,
      log: undefined,
      random: undefined,
      ...options,
    };
  }

  /** Connections without a path now. */
  get detached(): number {
    let sum = 0;
    for (const search of this.#searches.values()) sum += search.size;
    return sum;
  }

  /** A stream has lost its path; `from`: the worker at the other end of that. */
  take(stream: StreamEnd, why: Reason, from: string | null = null): void {
    const { sessionId, connectionId } = stream.request;
    this.#options.observed.get(connectionId)?.detached(why.code, from);
    if (this.#closed) {
      stream.breakOff('shutting_down', 'the process is stopping');
      return;
    }
    let search = this.#searches.get(sessionId);
    if (search === undefined) {
      search = new Search(sessionId, this.#options, () => this.#searches.delete(sessionId));
      this.#searches.set(sessionId, search);
    }
    search.add(stream, { why: why.code, from });
  }

  /** Something has changed about the session: look now. */
  hint(sessionId: string): void {
    this.#searches.get(sessionId)?.lookNow();
  }

  /** Ends what waits. */
  close(): void {
    this.#closed = true;
    for (const search of [...this.#searches.values()]) search.giveUp('shutting_down', 'the process is stopping');
  }
}
