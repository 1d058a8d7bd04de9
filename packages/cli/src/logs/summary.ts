import type { LogLine, LogRecord } from '@culvert/local';
import { printable, spanOf, timeOf } from './line.ts';

/** Connections that are told apart, for counting. */
const MAX_CONNECTIONS = 100_000;

interface Opening {
  readonly atMs: number;
  readonly line: LogLine;
}

/** What a story comes to, for the end of it: opened, moved, resumed, lost, closed; by whom, and why. */
export class Summary {
  #opened: Opening | undefined;
  #closed: Opening | undefined;
  #asked: LogLine | undefined;
  readonly #moves: string[] = [];
  #moveCount = 0;
  readonly #sessions = new Set<string>();
  readonly #connections = new Set<string>();
  readonly #over = new Set<string>();
  readonly #closedBy = new Map<string, number>();
  #resumes = 0;
  #gapMs = 0;
  #replayed = 0;
  #lost = 0;
  #refused = 0;

  add({ ms, line }: LogRecord): void {
    if (line.session_id !== undefined && this.#sessions.size < MAX_CONNECTIONS) this.#sessions.add(line.session_id);
    if (line.event?.startsWith('session.')) this.#addSession(ms, line);
    else if (line.event?.startsWith('connection.')) this.#addConnection(line);
  }

  /** Lines for people; none when nothing of it is known. */
  lines(): string[] {
    const one = this.#sessions.size === 1;
    return [
      ...(one && this.#opened !== undefined ? [`opened   ${openedWords(this.#opened)}`] : []),
      ...this.#moveLines(),
      ...this.#connectionLines(),
      ...(one && (this.#opened ?? this.#closed) !== undefined ? [this.#endLine()] : []),
    ].map(printable);
  }

  #addSession(ms: number, line: LogLine): void {
    switch (line.event) {
      case 'session.open':
        this.#closed = undefined;
        if (line.from === undefined) this.#opened ??= { atMs: ms, line };
        else this.#addMove(line);
        break;
      case 'session.move':
      case 'session.dismiss':
        this.#asked = line;
        break;
      case 'session.close':
        // What has moved on is closed where it was.
        if (line.code !== 'superseded' && line.by !== 'worker') this.#closed = { atMs: ms, line };
        break;
    }
  }

  #addMove(line: LogLine): void {
    this.#moveCount += 1;
    const asked = this.#asked?.session_id === line.session_id ? this.#asked : undefined;
    this.#asked = undefined;
    if (this.#moves.length >= 3) return;
    const why = asked === undefined ? 'by itself: its worker was lost, or its link' : askedWords(asked);
    this.#moves.push(`${line.from} → ${line.node_id} (${why})`);
  }

  #addConnection(line: LogLine): void {
    const id = line.connection_id;
    // Several processes tell of each; edges alone know who asked for it, and how it ended for a browser.
    if (id === undefined || this.#connections.size >= MAX_CONNECTIONS) return;
    if (line.event === 'connection.open') this.#connections.add(id);
    if (line.event === 'connection.failed') this.#refused += 1;
    if (line.event === 'connection.lost') this.#lost += 1;
    if (line.event === 'connection.resume' && line.to !== undefined) {
      this.#resumes += 1;
      this.#gapMs = Math.max(this.#gapMs, Number(line.gap_ms ?? 0));
      this.#replayed += Number(line.replayed_bytes ?? 0);
    }
    if (line.event !== 'connection.close' || this.#over.has(id)) return;
    this.#over.add(id);
    const how = `by ${line.closed_by}: ${line.reason}`;
    this.#closedBy.set(how, (this.#closedBy.get(how) ?? 0) + 1);
  }

  #moveLines(): string[] {
    if (this.#moveCount === 0) return [];
    const more = this.#moveCount > this.#moves.length ? ` … and ${this.#moveCount - this.#moves.length} more` : '';
    return [`moved    ${this.#moveCount}×: ${this.#moves.join(', ')}${more}`];
  }

  #connectionLines(): string[] {
    const { size } = this.#connections;
    if (size === 0 && this.#refused === 0) return [];
    const ends = [...this.#closedBy].map(([how, count]) => `${count} closed ${how}`);
    const open = size - this.#over.size;
    const parts = [`${size} opened`, ...ends, ...(open > 0 ? [`${open} open`] : [])];
    if (this.#refused > 0) parts.push(`${this.#refused} came to nothing`);
    if (this.#lost > 0) parts.push(`${this.#lost} LOST`);
    const gap = `gap ${spanOf(this.#gapMs)} at most, ${this.#replayed} bytes sent again`;
    const resumed = this.#resumes === 0 ? [] : [`resumed  ${this.#resumes}×: ${gap}`];
    return [`connections  ${parts.join(', ')}`, ...resumed];
  }

  #endLine(): string {
    if (this.#closed === undefined) return 'closed   not in these lines';
    const { atMs, line } = this.#closed;
    return `closed   ${timeOf(atMs)} on ${line.node_id} by ${line.by}: ${line.code} (${line.msg ?? ''})`;
  }
}

function openedWords({ atMs, line }: Opening): string {
  return `${timeOf(atMs)} on ${line.node_id} by agent ${line.agent_id ?? '?'} of tenant ${line.tenant_id ?? '?'}`;
}

function askedWords(line: LogLine): string {
  const who = line.deploy_id === undefined ? `${line.by}` : `deployment ${line.deploy_id}`;
  return `asked by ${who}: ${line.code}`;
}
