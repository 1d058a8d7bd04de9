import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CulvertError } from '@culvert/base';
import { Fields } from '../redis/fields.ts';
import { readSnapshot, type SettingsSnapshot } from './records.ts';

/** Of the file's format; a reader refuses what it does not know. */
const FORMAT = 1;

/** The last settings on this machine's disk. Owner-readable only: it tells who the tenants are. */
export class SnapshotFile {
  readonly path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** undefined if there is none yet. Rejects with `config_invalid` if it cannot be read: better to stop than to forget revocations. */
  async load(): Promise<SettingsSnapshot | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const fields = Fields.parse(text, 'snapshot');
      if (fields.integer('format') !== FORMAT) throw new Error('it was written by another version of Culvert');
      return readSnapshot(fields);
    } catch (cause) {
      throw new CulvertError('config_invalid', `the settings snapshot ${this.path} cannot be used`, {
        fix: 'put a good copy in its place, or move it away to start from what Redis holds',
        cause,
      });
    }
  }

  /** Whole or not at all, also over a power cut; saves happen one after the other. */
  save(snapshot: SettingsSnapshot): Promise<void> {
    const write = (): Promise<void> => this.#write(JSON.stringify({ format: FORMAT, ...snapshot }));
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }

  async #write(text: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.${randomUUID()}.tmp`;
    try {
      await withFile(await open(temporary, 'wx', 0o600), async (file) => {
        await file.writeFile(text);
        await file.sync();
      });
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    // The rename itself is durable only once the directory is.
    await withFile(await open(dirname(this.path), 'r'), (directory) => directory.sync());
  }
}

async function withFile(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
