export type ConnectionKind = 'connect' | 'websocket' | 'http';
export const CONNECTION_KINDS: readonly ConnectionKind[] = ['connect', 'websocket', 'http'];

/** What became of the connections of one kind, as their clients saw it. */
export interface KindCounts {
  readonly attempted: number;
  readonly opened: number;
  /** Refused by Culvert, by its code. */
  readonly failed: Readonly<Record<string, number>>;
  /** No answer at all, by the code of the system: the proxy was not reached, or went away. */
  readonly unanswered: Readonly<Record<string, number>>;
  /** Opened, and ended although neither the client nor the private app had ended them, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  /** Opened, and ended in good order with every byte there. */
  readonly finished: number;
  /** Broken off by the run itself, at its end. */
  readonly interrupted: number;
}

/** How long connections stood still, ms, as agents told it when they went on. */
export interface Gaps {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What the other ends saw. */
export interface AgentCounts {
  readonly sessions: number;
  /** Links beyond the first of each session. */
  readonly reconnects: number;
  /** Times that a connection lost its path and went on. */
  readonly resumed: number;
  readonly gaps: Gaps;
  /** Connections that arrived at the private app: each is one that an edge has opened. */
  readonly accepted: number;
}

export interface ClientCounts {
  readonly connections: Readonly<Record<ConnectionKind, KindCounts>>;
  readonly wrongBytes: number;
  readonly agents: AgentCounts;
}

type Sorted = Map<string, number>;

class KindLedger {
  attempted = 0;
  opened = 0;
  finished = 0;
  interrupted = 0;
  readonly failed: Sorted = new Map();
  readonly unanswered: Sorted = new Map();
  readonly lost: Sorted = new Map();

  counts(): KindCounts {
    const { attempted, opened, finished, interrupted } = this;
    const plain = (map: Sorted): Record<string, number> => Object.fromEntries([...map].toSorted());
    const sorted = { failed: plain(this.failed), unanswered: plain(this.unanswered), lost: plain(this.lost) };
    return { attempted, opened, finished, interrupted, ...sorted };
  }
}

/** Reasons are codes; should one be something else, the memory holds. */
const MAX_REASONS = 64;

/** The exact count of every connection of a run. */
export class Ledger {
  readonly #kinds = { connect: new KindLedger(), websocket: new KindLedger(), http: new KindLedger() };
  wrongBytes = 0;

  attempted(kind: ConnectionKind): void {
    this.#kinds[kind].attempted += 1;
  }

  opened(kind: ConnectionKind): void {
    this.#kinds[kind].opened += 1;
  }

  finished(kind: ConnectionKind): void {
    this.#kinds[kind].finished += 1;
  }

  interrupted(kind: ConnectionKind): void {
    this.#kinds[kind].interrupted += 1;
  }

  failed(kind: ConnectionKind, code: string): void {
    count(this.#kinds[kind].failed, code);
  }

  unanswered(kind: ConnectionKind, code: string): void {
    count(this.#kinds[kind].unanswered, code);
  }

  lost(kind: ConnectionKind, reason: string): void {
    count(this.#kinds[kind].lost, reason);
  }

  connections(): Record<ConnectionKind, KindCounts> {
    const { connect, websocket, http } = this.#kinds;
    return { connect: connect.counts(), websocket: websocket.counts(), http: http.counts() };
  }
}

function count(map: Sorted, reason: string): void {
  const key = map.has(reason) || map.size < MAX_REASONS ? reason : '~other';
  map.set(key, (map.get(key) ?? 0) + 1);
}
