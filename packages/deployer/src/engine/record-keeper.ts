import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@culvert/base';
import type { StoredDeployment } from '@culvert/registry';

const FILE = 'deployment.json';

/** The deployment under way as it was last seen, and the round of the data set that it was in. */
export interface KeptRecord {
  readonly record: StoredDeployment;
  readonly round: string;
}

/** Remembers the deployment under way in memory and on disk, for a Redis that loses it. Owner-readable only. */
export class RecordKeeper {
  readonly #dir: string | null;
  readonly #logger: Logger;
  #kept: KeptRecord | undefined;
  #written: KeptRecord | undefined;
  #writing: Promise<void> | undefined;

  /** `dir` null: in memory only. */
  constructor(dir: string | null, logger: Logger) {
    this.#dir = dir;
    this.#logger = logger;
  }

  get kept(): KeptRecord | undefined {
    return this.#kept;
  }

  /** What an earlier life of this process kept. A file that cannot be read is as good as none, and said so. */
  async load(): Promise<void> {
    if (this.#dir === null) return;
    try {
      const kept: unknown = JSON.parse(await readFile(join(this.#dir, FILE), 'utf8'));
      if (!isKept(kept)) throw new Error('it is of another format');
      this.#kept = kept;
      this.#written = kept;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      this.#logger.warn({ event: 'deploy.state_unread', err: error }, 'the kept deployment cannot be read');
    }
  }

  /** Writes follow each other, and only the newest matters. */
  keep(record: StoredDeployment, round: string): void {
    const known = this.#kept;
    if (known?.record.id === record.id && known.record.revision === record.revision && known.round === round) return;
    this.#set(record.over ? undefined : { record, round });
  }

  forget(): void {
    if (this.#kept !== undefined) this.#set(undefined);
  }

  /** Resolves once what is kept is on the disk. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  #set(kept: KeptRecord | undefined): void {
    this.#kept = kept;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    while (this.#dir !== null && this.#written !== this.#kept) {
      const kept = this.#kept;
      try {
        await replace(this.#dir, kept);
      } catch (error) {
        this.#logger.warn({ event: 'deploy.state_unwritten', err: error }, 'the deployment cannot be kept on disk');
      }
      this.#written = kept;
    }
  }
}

async function replace(dir: string, kept: KeptRecord | undefined): Promise<void> {
  const path = join(dir, FILE);
  if (kept === undefined) return rm(path, { force: true });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(kept), { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function isKept(value: unknown): value is KeptRecord {
  const { record, round } = (value ?? {}) as Partial<KeptRecord>;
  return typeof round === 'string' && typeof record?.id === 'string' && typeof record.revision === 'number';
}
