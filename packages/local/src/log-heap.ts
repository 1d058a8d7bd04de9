import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { CulvertError } from '@culvert/base';
import { chunksOf, type LogSource, recordsOf, type TextTest } from './log-reader.ts';
import { LineCutter, type LogRecord, type LogTrouble, RecordReader } from './log-records.ts';

/** Bounds of what is taken from elsewhere and has to be sorted in memory. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * Lines in any order, as a collector of logs hands them out: several processes one after the other, perhaps. They are read
 * once, and sorted; lines of one moment stay as they came.
 */
export class LogHeap implements LogSource {
  readonly name: string;
  #records: readonly LogRecord[] = [];
  #trouble: LogTrouble | undefined;

  private constructor(name: string) {
    this.name = name;
  }

  static ofFile(path: string, test: TextTest): Promise<LogHeap> {
    return LogHeap.#read(basename(path), chunksOf(path), test);
  }

  static ofStream(stream: Readable, test: TextTest): Promise<LogHeap> {
    return LogHeap.#read('stdin', stream, test);
  }

  /** @throws CulvertError limit_exceeded */
  static async #read(name: string, chunks: AsyncIterable<Buffer>, test: TextTest): Promise<LogHeap> {
    const heap = new LogHeap(name);
    const cutter = new LineCutter();
    const reader = new AnyOrderReader(name);
    const records: LogRecord[] = [];
    let bytes = 0;
    const take = (lines: readonly string[]): void => {
      for (const record of recordsOf(reader, lines, test)) {
        bytes += record.text.length;
        records.push(record);
      }
    };
    for await (const chunk of chunks) {
      take(cutter.push(chunk));
      if (bytes > MAX_BYTES) throw tooMuch(name);
    }
    const last = cutter.end();
    if (last !== undefined) take([last]);
    heap.#trouble = reader.trouble(cutter.tooLong);
    heap.#records = records.sort((one, other) => one.ms - other.ms);
    return heap;
  }

  async *batches(_test: TextTest, told: (trouble: LogTrouble) => void): AsyncGenerator<LogRecord[]> {
    yield [...this.#records];
    if (this.#trouble !== undefined) told(this.#trouble);
  }
}

/** The records of a stream, as they come. */
export async function* followStream(stream: Readable): AsyncGenerator<LogRecord[]> {
  const cutter = new LineCutter();
  const reader = new AnyOrderReader('stdin');
  for await (const chunk of stream) yield recordsOf(reader, cutter.push(chunk), () => true);
}

/** Each line has its own time: an earlier one may follow a later one. */
class AnyOrderReader extends RecordReader {
  override read(text: string): LogRecord | undefined {
    const record = super.read(text);
    return record && { ...record, ms: Date.parse(String(record.line.ts)) };
  }
}

function tooMuch(name: string): CulvertError {
  return new CulvertError('limit_exceeded', `${name} has more than 256 MiB of lines that may matter`, {
    fix: 'Ask for less: --session, --connection, --deploy or --since.',
  });
}
