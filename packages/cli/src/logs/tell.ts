import type { LogRecord, LogTrouble } from '@culvert/local';
import { colors } from '../colors.ts';
import type { Output } from '../output.ts';
import { lineForPeople, printable, spanOf, timeOf, type Widths, whoOf } from './line.ts';
import { Summary } from './summary.ts';
import type { Wanted } from './wanted.ts';

const MAX_EVENT_WIDTH = 22;
const MAX_WHO_WIDTH = 32;

/** What a first look at the lines has found. */
export class Extent {
  lines = 0;
  readonly #who = new Set<string>();
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  #eventWidth = 'connection.open'.length;
  /** The newest line of each open end: is the connection over? */
  isOver = false;

  add(record: LogRecord): void {
    this.lines += 1;
    if (this.#who.size < 1_000) this.#who.add(whoOf(record));
    this.#fromMs = Math.min(this.#fromMs, record.ms);
    this.#toMs = Math.max(this.#toMs, record.ms);
    this.#eventWidth = Math.max(this.#eventWidth, String(record.line.event ?? '').length);
    if (record.line.event === 'connection.close') this.isOver = true;
  }

  get widths(): Widths {
    const who = Math.max(12, ...[...this.#who].map(({ length }) => length));
    return { who: Math.min(MAX_WHO_WIDTH, who), event: Math.min(MAX_EVENT_WIDTH, this.#eventWidth) };
  }

  /** How much there is, from whom, and from when to when. */
  words(): string {
    const day = new Date(this.#fromMs).toISOString().slice(0, 10);
    const who = [...this.#who].sort();
    const names = who.length > 8 ? `${who.slice(0, 8).join(', ')} …` : who.join(', ');
    const processes = `${who.length} ${who.length === 1 ? 'process' : 'processes'}`;
    const lines = `${this.lines} ${this.lines === 1 ? 'line' : 'lines'}`;
    const span = `${day} ${timeOf(this.#fromMs)} – ${timeOf(this.#toMs)} UTC (${spanOf(this.#toMs - this.#fromMs)})`;
    return printable(`${lines} from ${processes}: ${names}; ${span}`);
  }
}

/** What the story is about, in words. */
export function aboutWords({ session, connection, deploy, node }: Wanted): string {
  const about = Object.entries({ session, connection, deployment: deploy, node });
  const words = about.filter(([, id]) => id !== undefined).map(([what, id]) => `${what} ${id}`);
  return words.length === 0 ? 'everything' : words.join(', ');
}

/** Tells a story to people. */
export class StoryTeller {
  readonly #out: Output;
  readonly #silent: ReadonlySet<string>;
  readonly #summary = new Summary();
  readonly #widths: Widths;
  #beforeMs: number | undefined;

  constructor(out: Output, wanted: Wanted, widths: Widths) {
    this.#out = out;
    this.#widths = widths;
    // What all lines have in common stands in the header.
    this.#silent = new Set([
      ...(wanted.session === undefined && wanted.connection === undefined ? [] : ['session_id', 'tenant_id']),
      ...(wanted.connection === undefined ? [] : ['connection_id']),
      ...(wanted.deploy === undefined ? [] : ['deploy_id']),
    ]);
  }

  line(record: LogRecord): void {
    this.#out.write(lineForPeople(record, this.#beforeMs, this.#widths, this.#silent));
    this.#beforeMs = record.ms;
    this.#summary.add(record);
  }

  end(): void {
    const lines = this.#summary.lines();
    if (lines.length > 0) this.#out.write(`\n${lines.map((line) => `${colors.bold(line)}\n`).join('')}`);
  }
}

/** One line for each log of which something could not be read. */
export function troubleWords({ source, unreadable, tooLong, first }: LogTrouble): string {
  const parts = [
    ...(unreadable > 0 ? [`${unreadable} are no JSON (the first: ${printable(first)})`] : []),
    ...(tooLong > 0 ? [`${tooLong} are longer than 256 KiB`] : []),
  ];
  return `culvert: ${source}: lines were left out: ${parts.join(', ')}\n`;
}
