import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { redactText } from '@culvert/service';
import { type LogLine, parseLine } from './log-lines.ts';

/** Enough for every test; an agent that runs for days tells of each connection. */
const MAX_KEPT = 1_000;

/**
 * The JSON lines that a `--json` command prints. They pass through here because they hold credentials on purpose;
 * the copy in the log is without.
 */
export class EventLines {
  readonly #kept: LogLine[] = [];
  readonly #waiting = new Set<(line: LogLine) => void>();
  readonly #onLogError: (error: Error) => void;
  #written: Promise<void> = Promise.resolve();

  constructor(output: Readable, logFile: string, onLogError: (error: Error) => void) {
    this.#onLogError = onLogError;
    createInterface({ input: output }).on('line', (text) => this.#take(text, logFile));
  }

  /** The latest events, oldest first. */
  get all(): readonly LogLine[] {
    return this.#kept;
  }

  /** The first event, told already or to come, that satisfies `test`; rejects when the signal is aborted. */
  first(test: (line: LogLine) => boolean, signal: AbortSignal): Promise<LogLine> {
    const found = this.#kept.find(test);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const look = (line: LogLine): void => {
        if (!test(line)) return;
        this.#waiting.delete(look);
        resolve(line);
      };
      this.#waiting.add(look);
      const give = (): void => {
        this.#waiting.delete(look);
        reject(signal.reason);
      };
      if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
    });
  }

  #take(text: string, logFile: string): void {
    this.#written = this.#written.then(() => appendFile(logFile, `${redactText(text)}\n`)).catch(this.#onLogError);
    const line = parseLine(text);
    this.#kept.push(line);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    for (const look of [...this.#waiting]) look(line);
  }
}
