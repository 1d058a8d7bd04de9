import type { LogLine } from './log-lines.ts';

/** One line of a log, with its place in time. */
export interface LogRecord {
  /** ms since 1970: never lower than that of the line before it in its source, whatever a clock did. */
  readonly ms: number;
  /** As it was written. */
  readonly text: string;
  readonly line: LogLine;
  /** Of which log: the id of a process, or the name of a file. */
  readonly source: string;
}

/** What could not be read of one log. */
export interface LogTrouble {
  readonly source: string;
  /** Lines that are no JSON: the words of a crash, say. */
  readonly unreadable: number;
  /** Lines longer than `MAX_LINE_BYTES`. */
  readonly tooLong: number;
  /** The beginning of the first that is no JSON. */
  readonly first: string;
}

/** A line longer than this is passed over: a record of ours has some hundred bytes, one with a stack a few thousand. */
export const MAX_LINE_BYTES = 256 * 1024;
const FIRST_CHARS = 120;

/** Cuts bytes into lines, with a bound on what a line may hold. */
export class LineCutter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #skipping = false;
  /** Lines that were too long. */
  tooLong = 0;

  /** Lines that these bytes bring to their end. */
  push(bytes: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let to = bytes.indexOf(10, from); to >= 0; to = bytes.indexOf(10, from)) {
      this.#keep(bytes.subarray(from, to));
      const line = this.end();
      if (line !== undefined) lines.push(line);
      from = to + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }

  /** What stands behind the last newline; undefined: nothing. */
  end(): string | undefined {
    const line = this.#skipping || this.#restBytes === 0 ? undefined : Buffer.concat(this.#rest).toString();
    this.#forget();
    this.#skipping = false;
    return line;
  }

  #keep(piece: Buffer): void {
    if (this.#skipping || piece.length === 0) return;
    this.#rest.push(piece);
    this.#restBytes += piece.length;
    if (this.#restBytes <= MAX_LINE_BYTES) return;
    this.#skipping = true;
    this.tooLong += 1;
    this.#forget();
  }

  #forget(): void {
    this.#rest = [];
    this.#restBytes = 0;
  }
}

/** Turns the lines of one log into records, and counts what is none. */
export class RecordReader {
  readonly #source: string;
  #ms = Number.NEGATIVE_INFINITY;
  #unreadable = 0;
  #first = '';

  constructor(source: string) {
    this.#source = source;
  }

  /** Undefined: no line of a log. Without a time are the events that a `--json` command prints beside its log. */
  read(text: string): LogRecord | undefined {
    const line = parse(text);
    if (line === undefined) {
      if (text.trim() !== '') this.#count(text);
      return undefined;
    }
    const ms = Date.parse(typeof line.ts === 'string' ? line.ts : '');
    if (Number.isNaN(ms)) return undefined;
    this.#ms = Math.max(this.#ms, ms);
    return { ms: this.#ms, text, line, source: this.#source };
  }

  /** Undefined: everything was read. */
  trouble(tooLong: number): LogTrouble | undefined {
    if (this.#unreadable === 0 && tooLong === 0) return undefined;
    return { source: this.#source, unreadable: this.#unreadable, tooLong, first: this.#first };
  }

  #count(text: string): void {
    if (this.#unreadable === 0) this.#first = text.slice(0, FIRST_CHARS);
    this.#unreadable += 1;
  }
}

function parse(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
