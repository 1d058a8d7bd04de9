import { open } from 'node:fs/promises';
import { LineCutter, type LogRecord, type LogTrouble, RecordReader } from './log-records.ts';

const CHUNK_BYTES = 256 * 1024;

/** Whether a line may matter, by its text alone: most lines are never parsed. */
export type TextTest = (text: string) => boolean;

/** A log that can be read from its beginning, again and again. */
export interface LogSource {
  /** The id of a process, or the name of a file. */
  readonly name: string;
  /** Batches of records in the order in which they were written; `told` hears what could not be read, at the end. */
  batches(test: TextTest, told: (trouble: LogTrouble) => void): AsyncIterable<LogRecord[]>;
}

/** The log of one process: its files, the oldest first. One that is not there (any more) is empty. */
export class FileLog implements LogSource {
  readonly name: string;
  readonly #paths: readonly string[];
  readonly #end: number;

  /** `end`: how many bytes of the last file are read at most. */
  constructor(name: string, paths: readonly string[], end = Number.POSITIVE_INFINITY) {
    this.name = name;
    this.#paths = paths;
    this.#end = end;
  }

  async *batches(test: TextTest, told: (trouble: LogTrouble) => void): AsyncGenerator<LogRecord[]> {
    const reader = new RecordReader(this.name);
    let tooLong = 0;
    for (const path of this.#paths) {
      const cutter = new LineCutter();
      const end = path === this.#paths.at(-1) ? this.#end : Number.POSITIVE_INFINITY;
      for await (const bytes of chunksOf(path, 0, end)) {
        const records = recordsOf(reader, cutter.push(bytes), test);
        if (records.length > 0) yield records;
      }
      // A line that is still being written, or the last words of a crash.
      const last = cutter.end();
      const records = last === undefined ? [] : recordsOf(reader, [last], test);
      if (records.length > 0) yield records;
      tooLong += cutter.tooLong;
    }
    const trouble = reader.trouble(tooLong);
    if (trouble !== undefined) told(trouble);
  }
}

export function recordsOf(reader: RecordReader, lines: readonly string[], test: TextTest): LogRecord[] {
  const records: LogRecord[] = [];
  for (const text of lines) {
    if (text.startsWith('{') && !test(text)) continue;
    const record = reader.read(text);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** The bytes of a file from `from` on, up to `to`; nothing when it is not there. */
export async function* chunksOf(path: string, from = 0, to = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (file === undefined) return;
  try {
    for (let place = from; ; ) {
      const length = Math.min(CHUNK_BYTES, to - place);
      if (length <= 0) return;
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, place);
      if (bytesRead === 0) return;
      place += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
