import type { Mark } from './result.ts';
import { codeOf } from './traffic/traffic.ts';

const MAX_ERRORS = 20;
const MAX_MARKS = 500;

/** What a report tells in words: the first errors, and what happened when. */
export class Notes {
  readonly errors: string[] = [];
  readonly #marks: Mark[] = [];

  /** In the order of time. */
  get marks(): Mark[] {
    return this.#marks.toSorted((a, b) => a.atMs - b.atMs);
  }

  mark(atMs: number, text: string): void {
    if (this.#marks.length < MAX_MARKS) this.#marks.push({ atMs, text });
  }

  error(what: string, error: unknown): void {
    if (this.errors.length >= MAX_ERRORS) return;
    const words = error instanceof Error ? error.message : String(error);
    this.errors.push(`${what}: ${words} (${codeOf(error)})`);
  }
}
