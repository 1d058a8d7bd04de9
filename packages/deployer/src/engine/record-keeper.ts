import type { Logger } from '@culvert/base';
import type { StoredDeployment } from '@culvert/registry';
import { KeptFile } from '../kept-file.ts';

/** The deployment under way as it was last seen, and the round of the data set that it was in. */
export interface KeptRecord {
  readonly record: StoredDeployment;
  readonly round: string;
}

/** Remembers the deployment under way in memory and on disk, for a Redis that loses it. */
export class RecordKeeper {
  readonly #file: KeptFile<KeptRecord>;

  /** `dir` null: in memory only. */
  constructor(dir: string | null, logger: Logger) {
    this.#file = new KeptFile({ dir, name: 'deployment.json', isKept, logger });
  }

  get kept(): KeptRecord | undefined {
    return this.#file.kept;
  }

  /** What an earlier life of this process kept. */
  load(): Promise<void> {
    return this.#file.load();
  }

  keep(record: StoredDeployment, round: string): void {
    const known = this.kept;
    if (known?.record.id === record.id && known.record.revision === record.revision && known.round === round) return;
    this.#file.keep(record.over ? undefined : { record, round });
  }

  forget(): void {
    if (this.kept !== undefined) this.#file.keep(undefined);
  }

  /** Resolves once what is kept is on the disk. */
  settled(): Promise<void> {
    return this.#file.settled();
  }
}

function isKept(value: unknown): value is KeptRecord {
  const { record, round } = (value ?? {}) as Partial<KeptRecord>;
  return typeof round === 'string' && typeof record?.id === 'string' && typeof record.revision === 'number';
}
