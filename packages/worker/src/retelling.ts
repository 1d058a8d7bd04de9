import { type Clock, pause, toCulvertError } from '@culvert/base';
import type { LostOperation, NodeBoot, NodePresence, Registry, SessionView } from '@culvert/registry';
import type { MissingWork } from './missing-work.ts';
import type { Reporter } from './reporter.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

/** Sessions per command: what one script tells. */
const BATCH = 100;
/** Bounds of the pause behind each command, ms: within them as long as the command took, so that others get their turn. */
const PAUSE = { leastMs: 1, mostMs: 10 };

export interface RetellingOptions {
  readonly registry: Pick<Registry, 'listOwned' | 'getSession' | 'release'>;
  readonly sessions: Pick<Sessions, 'get' | 'all' | 'claiming' | 'ownedHere'>;
  readonly reporter: Pick<Reporter, 'reassert'>;
  readonly presence: Pick<NodePresence, 'node'>;
  readonly clock: Clock;
}

/**
 * Tells the directory again what it lacks, the busy sessions first; then takes out what it has under this boot and is not
 * here. Where a command fails it can be gone on with: what has gone through is not repeated.
 */
export class Retelling {
  readonly #options: RetellingOptions;
  readonly #work: MissingWork;
  readonly #allTold: () => void;
  #left: SessionActor[] | undefined;
  #announced = false;
  /** The last id of the directory's list that was looked at; null: all were. */
  #listed: string | null | undefined;
  #lost: LostOperation[] | undefined;
  told = 0;
  released = 0;

  /** `allTold`: called once, when each session that is here has been told. */
  constructor(options: RetellingOptions, work: MissingWork, allTold: () => void) {
    this.#options = options;
    this.#work = work;
    this.#allTold = allTold;
  }

  /** Resolves when everything has gone through, or the signal is aborted; rejects with the first command that fails. */
  async goOn(signal: AbortSignal): Promise<void> {
    this.#left ??= this.#toTell();
    while (this.#left.length > 0 && !signal.aborted) {
      const batch = this.#left.slice(0, BATCH);
      await this.#paced(signal, () => this.#options.reporter.reassert(batch));
      this.#left = this.#left.slice(BATCH);
      this.told += batch.length;
    }
    if (signal.aborted) return;
    if (!this.#announced) this.#allTold();
    this.#announced = true;
    if (this.#work.kind === 'some') await this.#releaseAgain(this.#work.operations, signal);
    if (this.#work.kind === 'all' || this.#work.strays) await this.#releaseUnknown(signal);
  }

  #toTell(): SessionActor[] {
    const { sessions } = this.#options;
    if (this.#work.kind === 'some') {
      const here = [...this.#work.operations.values()].filter((operation) => this.#isHere(operation));
      return here.map(({ sessionId }) => sessions.get(sessionId)).filter((actor) => actor !== undefined);
    }
    const all = sessions.all();
    return [...all.filter(({ connections }) => connections > 0), ...all.filter(({ connections }) => connections === 0)];
  }

  #isHere({ sessionId, epoch }: { readonly sessionId: string; readonly epoch: number }): boolean {
    return this.#options.sessions.get(sessionId)?.epoch === epoch;
  }

  /** What the directory has under this boot and is not here. */
  async #releaseUnknown(signal: AbortSignal): Promise<void> {
    const { registry, sessions } = this.#options;
    while (this.#listed !== null && !signal.aborted) {
      const after = this.#listed;
      const page = await this.#paced(signal, () => registry.listOwned(this.#me, after));
      for (const sessionId of page.ids) {
        if (sessions.get(sessionId)?.epoch != null) continue;
        if (signal.aborted) return;
        const entry = await this.#entryOf(sessionId);
        const { id, boot } = this.#me;
        if (entry?.node === id && entry.boot === boot) await this.#release({ sessionId, epoch: entry.epoch });
      }
      this.#listed = page.next;
    }
  }

  async #entryOf(sessionId: string): Promise<SessionView | undefined> {
    try {
      return await this.#options.registry.getSession(sessionId);
    } catch (thrown) {
      // It has gone since it was listed. That nothing is called absent yet is what this work is to end.
      if (toCulvertError(thrown).code === 'recovering') return undefined;
      throw thrown;
    }
  }

  /** Of lost operations, those whose session is not here: it was given up, or never came to be. */
  async #releaseAgain(operations: ReadonlyMap<string, LostOperation>, signal: AbortSignal): Promise<void> {
    this.#lost ??= [...operations.values()];
    for (;;) {
      const operation = this.#lost[0];
      if (operation === undefined || signal.aborted) return;
      if (!this.#isHere(operation)) await this.#paced(signal, () => this.#release(operation));
      this.#lost.shift();
    }
  }

  async #release({ sessionId, epoch }: { readonly sessionId: string; readonly epoch: number }): Promise<void> {
    const { registry, sessions } = this.#options;
    // It came while we asked.
    if (this.#isHere({ sessionId, epoch })) return;
    // A claim is under way, and may be the one that the directory shows: its outcome decides.
    if (sessions.claiming(sessionId)) return sessions.ownedHere(sessionId, epoch);
    await registry.release({ sessionId, node: this.#me, epoch, reason: 'link_lost' });
    this.released += 1;
  }

  get #me(): NodeBoot {
    const { id, boot } = this.#options.presence.node;
    return { id, boot };
  }

  async #paced<T>(signal: AbortSignal, command: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const beganMs = clock.monotonic();
    const result = await command();
    const tookMs = clock.monotonic() - beganMs;
    await pause(clock, Math.min(PAUSE.mostMs, Math.max(PAUSE.leastMs, tookMs)), signal);
    return result;
  }
}
