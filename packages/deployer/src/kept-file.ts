import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@culvert/base';

export interface KeptFileOptions<T> {
  /** null: in memory only. */
  readonly dir: string | null;
  readonly name: string;
  /** Is it what such a file holds? */
  readonly isKept: (value: unknown) => value is T;
  readonly logger: Logger;
}

/** A value in memory and, as JSON that its owner only can read, on disk: for a Redis that loses it. */
export class KeptFile<T> {
  readonly #options: KeptFileOptions<T>;
  #kept: T | undefined;
  #written: T | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: KeptFileOptions<T>) {
    this.#options = options;
  }

  get kept(): T | undefined {
    return this.#kept;
  }

  /** What an earlier life of this process kept. A file that cannot be read is as good as none, and said so. */
  async load(): Promise<void> {
    const { dir, name, isKept, logger } = this.#options;
    if (dir === null) return;
    try {
      const kept: unknown = JSON.parse(await readFile(join(dir, name), 'utf8'));
      if (!isKept(kept)) throw new Error('it is of another format');
      this.#kept = kept;
      this.#written = kept;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      logger.warn({ event: 'deploy.state_unread', file: name, err: error }, 'what was kept cannot be read');
    }
  }

  /** undefined: nothing any more. Writes follow each other, and only the newest matters. */
  keep(value: T | undefined): void {
    this.#kept = value;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves once what is kept is on the disk. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #write(): Promise<void> {
    const { dir, name, logger } = this.#options;
    while (dir !== null && this.#written !== this.#kept) {
      const kept = this.#kept;
      try {
        await replace(dir, name, kept);
      } catch (error) {
        logger.warn({ event: 'deploy.state_unwritten', file: name, err: error }, 'it cannot be kept on disk');
      }
      this.#written = kept;
    }
  }
}

async function replace(dir: string, name: string, value: unknown): Promise<void> {
  const path = join(dir, name);
  if (value === undefined) return rm(path, { force: true });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
