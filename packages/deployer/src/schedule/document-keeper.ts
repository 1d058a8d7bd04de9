import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@culvert/base';
import type { Registry } from '@culvert/registry';
import { KeptFile } from '../kept-file.ts';

type Documents = Readonly<Record<string, unknown>>;

/** Schedules and windows as they were last seen, and the round of the data set that they were in. */
interface Kept {
  readonly round: string;
  readonly schedules: Documents;
  readonly windows: Documents;
}

export interface DocumentKeeperOptions {
  readonly registry: Pick<Registry, 'deployments' | 'status'>;
  /** null: in memory only. */
  readonly dir: string | null;
  readonly logger: Logger;
}

/**
 * Remembers schedules and maintenance windows, and puts them back into a Redis that has lost them: what a person has set is
 * not lost with the history.
 */
export class DocumentKeeper {
  readonly #options: DocumentKeeperOptions;
  readonly #file: KeptFile<Kept>;
  #loaded: Promise<void> | undefined;

  constructor(options: DocumentKeeperOptions) {
    const { dir, logger } = options;
    this.#options = options;
    this.#file = new KeptFile({ dir, name: 'schedules.json', isKept, logger });
  }

  /** Looks at what there is; rejects when the registry does not answer. */
  async look(): Promise<void> {
    this.#loaded ??= this.#file.load();
    await this.#loaded;
    const { registry } = this.#options;
    const { round, recovering } = await registry.status();
    // Nothing is certain yet in a new data set.
    if (round === null || recovering) return;
    await this.#putBack(round);
    const { deployments } = registry;
    const kept: Kept = {
      round,
      schedules: Object.fromEntries(await deployments.documents('schedule')),
      windows: Object.fromEntries(await deployments.documents('window')),
    };
    if (!isDeepStrictEqual(kept, this.#file.kept)) this.#file.keep(kept);
  }

  /** Resolves once what is kept is on the disk. */
  settled(): Promise<void> {
    return this.#file.settled();
  }

  /** Once in each round, and by one deploy worker: what is deleted afterwards stays deleted. */
  async #putBack(round: string): Promise<void> {
    const { registry, logger } = this.#options;
    const { kept } = this.#file;
    if (kept?.round === round) return;
    const documents = await registry.deployments.putBackDocuments(round, {
      schedule: new Map(Object.entries(kept?.schedules ?? {})),
      window: new Map(Object.entries(kept?.windows ?? {})),
    });
    if (documents > 0) {
      logger.warn({ event: 'schedule.restored', documents, round }, 'Redis had lost schedules or windows');
    }
  }
}

function isKept(value: unknown): value is Kept {
  const { round, schedules, windows } = (value ?? {}) as Partial<Kept>;
  return typeof round === 'string' && typeof schedules === 'object' && typeof windows === 'object';
}
