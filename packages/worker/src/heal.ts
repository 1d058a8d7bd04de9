import { Backoff, type Clock, CulvertError, type Logger, pause } from '@culvert/base';
import type { AcceptedBeat, NodePresence } from '@culvert/registry';
import { type MissingWork, withMissing, withStrays } from './missing-work.ts';
import { Retelling, type RetellingOptions } from './retelling.ts';

/** All workers hear of a loss within a beat: they begin at different moments of this time, ms. */
const SPREAD_MS = 1_000;
const RETRY = { firstMs: 250, maxMs: 4_000 };

export interface HealOptions extends Omit<RetellingOptions, 'presence'> {
  readonly presence: Pick<NodePresence, 'node' | 'confirmRound'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: () => number;
}

/** One attempt to bring the directory up to date, under one boot and in one round. */
interface Run {
  readonly boot: string;
  readonly round: string | undefined;
  readonly work: MissingWork;
  readonly beganMs: number;
  readonly stop: AbortController;
  /** Every session was told, so this worker knows which ones are still its own. */
  checked: boolean;
}

/**
 * Brings into the directory what it lacks of this worker's sessions, as beats tell, and takes out what is there and not
 * here. One run at a time; when more turns out to be missing, it begins again. The round is confirmed once all of it has
 * gone through.
 */
export class Heal {
  readonly #options: HealOptions;
  readonly #random: () => number;
  /** What has not gone through yet. */
  #work: MissingWork | undefined;
  #round: string | undefined;
  #run: Run | undefined;
  /** Strays were told of during this run. */
  #straysAgain = false;
  #closed = false;
  #waiting: PromiseWithResolvers<void>[] = [];

  constructor(options: HealOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Of each accepted beat. */
  hear({ missing, round }: Pick<AcceptedBeat, 'missing' | 'round'>): void {
    const othersToo = this.#round !== undefined && this.#round !== round;
    this.#round = round;
    const run = this.#run;
    if (missing.kind === 'nothing') {
      // What was told to the round before is in this one, too; a run that goes on confirms the newest.
      if (run === undefined && this.#work === undefined) this.#options.presence.confirmRound(round);
      return;
    }
    // Said once more because an answer was lost: everything is being told already, and to this very data.
    const again = run?.work.kind === 'all' && run.round === round && run.boot === this.#options.presence.node.boot;
    if (again && missing.kind === 'unknown') return;
    this.#work = withMissing(this.#work, missing);
    this.#begin(othersToo ? this.#random() * SPREAD_MS : 0);
  }

  /**
   * The answer to a claim or a release was lost, and a hint about it may have been, too: the directory may have under this
   * boot what is not here.
   */
  lookForStrays(): void {
    // A run that goes on may have looked already; while Redis is away it keeps its pauses.
    if (this.#run !== undefined) this.#straysAgain = true;
    else {
      this.#work = withStrays(this.#work);
      this.#begin(0);
    }
  }

  /**
   * Asks the directory about every session of this worker. Resolves once those that have another owner were handed off; a
   * run that began at `sinceMs` (monotonic) or later counts. Rejects with `shutting_down` when closed before.
   */
  all(sinceMs: number): Promise<void> {
    if (this.#closed) return Promise.reject(new CulvertError('shutting_down'));
    const run = this.#run;
    const counts = run?.work.kind === 'all' && run.beganMs >= sinceMs;
    if (counts && run.checked) return Promise.resolve();
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    if (!counts) {
      this.#work = { kind: 'all' };
      this.#begin(0);
    }
    return waiting.promise;
  }

  close(): void {
    this.#closed = true;
    this.#run?.stop.abort();
    this.#run = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new CulvertError('shutting_down'));
  }

  #begin(delayMs: number): void {
    const work = this.#work;
    if (work === undefined || this.#closed) return;
    const { presence, clock } = this.#options;
    this.#run?.stop.abort();
    const { boot } = presence.node;
    const beganMs = clock.monotonic();
    const run: Run = { boot, round: this.#round, work, beganMs, stop: new AbortController(), checked: false };
    this.#run = run;
    void this.#go(run, delayMs);
  }

  /** Never rejects. */
  async #go(run: Run, delayMs: number): Promise<void> {
    const { clock, logger, presence } = this.#options;
    const { signal } = run.stop;
    const backoff = new Backoff({ ...RETRY, random: this.#random });
    const retelling = new Retelling(this.#options, run.work, () => this.#checked(run));
    await pause(clock, delayMs, signal);
    while (!signal.aborted) {
      try {
        await retelling.goOn(signal);
        if (signal.aborted) return;
        break;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ event: 'registry.heal_failed', err: error }, 'the directory could not be healed yet');
        await pause(clock, backoff.next(), signal);
      }
    }
    if (signal.aborted) return;
    this.#run = undefined;
    this.#work = undefined;
    const { told, released } = retelling;
    const fields = { event: 'registry.healed', round: this.#round, told, released };
    logger.info({ ...fields, ms: Math.round(clock.monotonic() - run.beganMs) }, 'the directory has all sessions');
    // A boot that was declared dead meanwhile has confirmed nothing: its successor hears what is missing.
    if (this.#round !== undefined && presence.node.boot === run.boot) presence.confirmRound(this.#round);
    const again = this.#straysAgain;
    this.#straysAgain = false;
    if (again && !this.#closed) this.lookForStrays();
  }

  #checked(run: Run): void {
    if (run.work.kind !== 'all') return;
    run.checked = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }
}
