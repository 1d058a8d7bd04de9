import { watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { chunksOf, recordsOf, type TextTest } from './log-reader.ts';
import { LineCutter, type LogRecord, RecordReader } from './log-records.ts';

/** After a sign of something new, so that what several processes write about one moment comes together, and in order. ms. */
const GATHER_MS = 150;
/** A sign that was lost (file systems of networks give none) costs no more than this. ms. */
const LOOK_ANYWAY_MS = 2_000;

/** How far one log has been read. */
interface Place {
  readonly cutter: LineCutter;
  readonly reader: RecordReader;
  offset: number;
  /** Which rotated file there was beside it. */
  rotated: string;
}

/** What is written to the logs of a folder from now on, by processes that are still to come, too. */
export class LogFollower {
  readonly #folder: string;
  readonly #test: TextTest;
  readonly #places = new Map<string, Place>();

  private constructor(folder: string, test: TextTest) {
    this.#folder = folder;
    this.#test = test;
  }

  /** Stands at the end of every log that there is. */
  static async atEnd(folder: string, test: TextTest): Promise<LogFollower> {
    const follower = new LogFollower(folder, test);
    for (const file of await follower.#files()) {
      const place = follower.#placeOf(file);
      place.rotated = await identity(join(folder, `${file}.1`));
      place.offset = (await stat(join(folder, file))).size;
    }
    return follower;
  }

  /** How far each log has been read, by the name of its process, bytes. */
  get ends(): ReadonlyMap<string, number> {
    return new Map([...this.#places].map(([file, { offset }]) => [nameOf(file), offset]));
  }

  /** Batches, each in order, until the signal is aborted. */
  async *batches(signal: AbortSignal): AsyncGenerator<LogRecord[]> {
    const signs = new Signs(this.#folder);
    try {
      while (!signal.aborted) {
        const records = await this.#readAll();
        if (records.length > 0) yield records;
        await signs.next(signal);
      }
    } finally {
      signs.close();
    }
  }

  async #readAll(): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    for (const file of await this.#files()) records.push(...(await this.#read(file)));
    return records.sort((one, other) => one.ms - other.ms);
  }

  async #read(file: string): Promise<LogRecord[]> {
    const path = join(this.#folder, file);
    const isNew = !this.#places.has(file);
    const place = this.#placeOf(file);
    const records: LogRecord[] = [];
    const take = async (from: string): Promise<void> => {
      for await (const bytes of chunksOf(from, place.offset)) {
        place.offset += bytes.length;
        records.push(...recordsOf(place.reader, place.cutter.push(bytes), this.#test));
      }
    };
    const rotated = await identity(`${path}.1`);
    if (isNew) place.rotated = rotated; // of a run before
    if (rotated !== place.rotated) {
      // It was set aside, or copied and emptied: what was not read yet is in there.
      place.rotated = rotated;
      await take(`${path}.1`);
      place.offset = 0;
    }
    await take(path);
    return records;
  }

  #placeOf(file: string): Place {
    const known = this.#places.get(file);
    if (known !== undefined) return known;
    const reader = new RecordReader(nameOf(file));
    const place: Place = { cutter: new LineCutter(), reader, offset: 0, rotated: '' };
    this.#places.set(file, place);
    return place;
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => name.endsWith('.log')).sort();
  }
}

function nameOf(file: string): string {
  return file.slice(0, -'.log'.length);
}

/** '' when there is no such file. */
async function identity(path: string): Promise<string> {
  try {
    const { ino, mtimeMs } = await stat(path);
    return `${ino}@${mtimeMs}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Signs that something was written into a folder. */
class Signs {
  readonly #watcher;
  #wake: () => void = () => undefined;
  #seen = false;

  constructor(folder: string) {
    this.#watcher = watch(folder, () => {
      this.#seen = true;
      this.#wake();
    });
    // The folder is gone: the next look says so.
    this.#watcher.on('error', () => this.#wake());
  }

  /** Resolves soon after a sign, or after a while without one. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#seen) await this.#sleep(LOOK_ANYWAY_MS, signal);
    await this.#sleep(this.#seen ? GATHER_MS : 0, signal, { undisturbed: true });
    this.#seen = false;
  }

  close(): void {
    this.#watcher.close();
  }

  #sleep(ms: number, signal: AbortSignal, { undisturbed = false } = {}): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      if (!undisturbed) this.#wake = done;
      if (signal.aborted) done();
    });
  }
}
