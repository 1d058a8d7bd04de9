import type { LogFields, Logger } from '@culvert/base';
import type { Timeline } from './timeline.ts';

/** Lines that are kept for a failure. */
const KEPT = 4_000;

interface Line {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly fields: LogFields | undefined;
}

/** What happened, for people: one line per event that matters, the last ones kept. */
export class Story {
  readonly #timeline: Timeline;
  readonly #tell: ((line: string) => void) | undefined;
  readonly #lines: Line[] = [];
  #count = 0;

  /** `tell`: hears each line as it comes. */
  constructor(timeline: Timeline, tell?: (line: string) => void) {
    this.#timeline = timeline;
    this.#tell = tell;
  }

  say(who: string, what: string, fields?: LogFields): void {
    const line = { atMs: this.#timeline.nowMs, who, what, fields };
    this.#lines[this.#count % KEPT] = line;
    this.#count += 1;
    this.#tell?.(format(this.#count, line));
  }

  /** The log of one process under test is part of the story; what it says for debugging is not. */
  logger(who: string): Logger {
    const say = (fields: LogFields, message: string): void => this.say(who, message, fields);
    const logger: Logger = { debug: () => undefined, info: say, warn: say, error: say, child: () => logger };
    return logger;
  }

  /** The last lines, numbered. */
  last(count: number): string[] {
    const lines: string[] = [];
    for (let n = Math.max(0, this.#count - Math.min(count, KEPT)); n < this.#count; n += 1) {
      lines.push(format(n + 1, this.#lines[n % KEPT] as Line));
    }
    return lines;
  }
}

function format(number: number, { atMs, who, what, fields }: Line): string {
  const { event, err, ...rest } = fields ?? {};
  const more = Object.entries(rest).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const error = err instanceof Error ? ` (${err.message})` : '';
  return `${String(number).padStart(5)} ${atMs.toFixed(1).padStart(9)} ${who.padEnd(8)} ${event === undefined ? '' : `[${event}] `}${what}${error}${more.join('')}`;
}
