import type { Keys } from '../keys.ts';
import type { ScriptRunner } from '../redis/script-runner.ts';

/** People sign out a few times a day; more than this is no use of a dashboard. */
const MOST = 10_000;

/**
 * Sign-ins that somebody ended before their time, until that time. Redis has the list, every process keeps what it has seen
 * of it: with Redis away that counts, and a Redis that lost it is told again by whoever asks next.
 */
export class SignOuts {
  readonly #scripts: ScriptRunner;
  readonly #keys: Keys;
  /** Id → ms since the Unix epoch. */
  readonly #known = new Map<string, number>();
  /** What Redis may not have. */
  readonly #untold = new Map<string, number>();

  constructor(scripts: ScriptRunner, keys: Keys) {
    this.#scripts = scripts;
    this.#keys = keys;
  }

  /** Ends a sign-in here at once, and for all as soon as Redis has it. `untilMs`: when it would have ended anyhow. */
  async end(id: string, untilMs: number): Promise<void> {
    this.#known.set(id, untilMs);
    this.#untold.set(id, untilMs);
    await this.refresh();
  }

  /** Was it ended, as far as this process knows? */
  has(id: string): boolean {
    return this.#known.has(id);
  }

  /** Learns what the others ended, and tells what Redis does not have. Rejects with `registry_unavailable`. */
  async refresh(): Promise<void> {
    this.#keepMissing(await this.#exchange());
    if (this.#untold.size > 0) await this.#exchange();
  }

  /** Resolves with the ids that Redis has now. */
  async #exchange(): Promise<ReadonlySet<string>> {
    const untold = [...this.#untold];
    const reply = await this.#scripts.run('sign_outs', [this.#keys.signOuts], {
      ended: untold.map(([id, untilMs]) => ({ id, untilMs })),
      most: MOST,
    });
    for (const [id] of untold) this.#untold.delete(id);
    const ids = reply.textsOr('ids', []);
    const ends = reply.textsOr('untilMs', []);
    for (const [index, id] of ids.entries()) this.#known.set(id, Number(ends[index]));
    return new Set(ids);
  }

  /** What is known here and Redis does not have is over by now, or Redis has lost it. */
  #keepMissing(told: ReadonlySet<string>): void {
    const now = Date.now();
    for (const [id, untilMs] of this.#known) {
      if (told.has(id)) continue;
      if (untilMs > now && this.#untold.size < MOST) this.#untold.set(id, untilMs);
      else this.#known.delete(id);
    }
  }
}
