import type { LogRecord } from '@culvert/local';

/** What a story is to be about; several narrow it down together. */
export interface Wanted {
  readonly session?: string;
  readonly connection?: string;
  readonly deploy?: string;
  readonly node?: string;
  /** ms since 1970. */
  readonly sinceMs?: number;
  readonly level?: Level;
}

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** A deployment's order shows in its session's story within this. ms. */
const MOVE_MS = 30_000;
/** Sessions of one deployment whose moves are told. */
const MAX_MOVED = 10_000;
/** Fields that name nodes beside the one that writes. */
const NODE_FIELDS = ['node_id', 'target_node_id', 'worker', 'from', 'to'];

interface Span {
  readonly fromMs: number;
  toMs: number;
}

/**
 * Which lines belong to the story. What a connection or a deployment has to do with sessions is learnt from the lines
 * themselves: `learn` is shown them first, in any order.
 */
export class Story {
  readonly #wanted: Wanted;
  /** Sessions whose lines about themselves belong to it, and when. */
  readonly #sessions = new Map<string, Span>();
  readonly #minLevel: number;
  #live = false;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.#minLevel = LEVELS.indexOf(wanted.level ?? 'debug');
  }

  /** Something can be learnt that the lines about it do not say by themselves. */
  get learns(): boolean {
    return this.#wanted.connection !== undefined || this.#wanted.deploy !== undefined;
  }

  /** By its text alone, whether there is something to learn from a line. */
  teaches(text: string): boolean {
    const { connection, deploy } = this.#wanted;
    return (connection !== undefined && text.includes(connection)) || (deploy !== undefined && text.includes(deploy));
  }

  learn({ ms, line }: LogRecord): void {
    const { connection, deploy } = this.#wanted;
    const { session_id: session } = line;
    if (session === undefined) return;
    const untilMs = this.#live ? Number.POSITIVE_INFINITY : ms;
    if (connection !== undefined && line.connection_id === connection) this.#extend(session, ms, untilMs);
    if (deploy !== undefined && line.deploy_id === deploy) this.#extend(session, ms, ms + MOVE_MS);
  }

  /** The connection is still open, or to come: its session's story goes on with it. */
  goesOn(): void {
    this.#live = true;
    for (const span of this.#sessions.values()) span.toMs = Number.POSITIVE_INFINITY;
  }

  /** By its text alone, whether a line may belong to it. */
  mayHave(text: string): boolean {
    const { session, connection, deploy } = this.#wanted;
    if (session !== undefined && !text.includes(session)) return false;
    if (connection === undefined && deploy === undefined) return true;
    return this.teaches(text) || this.#names(text);
  }

  has(record: LogRecord): boolean {
    const { sinceMs, session, node } = this.#wanted;
    const { line, ms } = record;
    if (sinceMs !== undefined && ms < sinceMs) return false;
    if (LEVELS.indexOf(line.level as Level) < this.#minLevel) return false;
    if (session !== undefined && line.session_id !== session) return false;
    if (node !== undefined && record.source !== node && !NODE_FIELDS.some((name) => line[name] === node)) return false;
    return this.#hasConnection(record) && this.#hasDeploy(record);
  }

  #hasConnection(record: LogRecord): boolean {
    const { connection } = this.#wanted;
    return connection === undefined || record.line.connection_id === connection || this.#isOfASession(record);
  }

  #hasDeploy(record: LogRecord): boolean {
    const { deploy } = this.#wanted;
    return deploy === undefined || record.line.deploy_id === deploy || this.#isOfASession(record);
  }

  /** A line about a session itself, within the time that matters. */
  #isOfASession({ ms, line }: LogRecord): boolean {
    if (line.session_id === undefined || line.connection_id !== undefined) return false;
    const span = this.#sessions.get(line.session_id);
    return span !== undefined && span.fromMs <= ms && ms <= span.toMs;
  }

  #extend(session: string, fromMs: number, toMs: number): void {
    const known = this.#sessions.get(session);
    if (known === undefined && this.#sessions.size >= MAX_MOVED) return;
    const span = { fromMs: Math.min(known?.fromMs ?? fromMs, fromMs), toMs: Math.max(known?.toMs ?? toMs, toMs) };
    this.#sessions.set(session, span);
  }

  #names(text: string): boolean {
    const found = /"session_id":"([^"]+)"/.exec(text)?.[1];
    return found !== undefined && this.#sessions.has(found);
  }
}
