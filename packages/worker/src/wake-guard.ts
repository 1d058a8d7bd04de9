import { Backoff, type Clock, type Logger, pause } from '@culvert/base';
import type { Gate } from '@culvert/link';

/**
 * A process that had no turn for longer than this may have outlived its lease (6 s, renewed every 2 s): it was stopped,
 * swapped out, or collected garbage. ms.
 */
const OVERSLEPT_MS = 2_000;
const TICK_MS = 500;
const RETRY = { firstMs: 50, maxMs: 1_000 };

export interface WakeGuardOptions {
  readonly clock: Clock;
  /** Asks the registry which sessions are still this worker's, and lets go of the others. Rejects when it cannot be asked. */
  readonly check: () => Promise<void>;
  readonly logger: Logger;
  readonly random?: () => number;
}

/**
 * Holds all links of a worker that overslept until it knows which sessions are still its own: what moved on stays moved.
 * While the registry cannot be asked they stay held, and the peers' own deadlines (12 s) end them. That Redis is away is no
 * reason to hold anything: only having slept is.
 */
export class WakeGuard implements Gate {
  readonly #options: WakeGuardOptions;
  readonly #backoff: Backoff;
  #aliveMs: number;
  #checking = false;
  #sleptAgain = false;
  #waiting: (() => void)[] = [];
  #cancelTick: (() => void) | undefined;

  constructor(options: WakeGuardOptions) {
    const { random } = options;
    this.#options = options;
    this.#backoff = new Backoff({ ...RETRY, ...(random === undefined ? {} : { random }) });
    this.#aliveMs = options.clock.monotonic();
  }

  /** Sessions are being checked: nothing passes. */
  get closed(): boolean {
    return this.#checking;
  }

  start(): void {
    this.#aliveMs = this.#options.clock.monotonic();
    this.#tickLater();
  }

  close(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#open();
  }

  pass(nowMs: number, opened: () => void): boolean {
    this.#observe(nowMs);
    if (!this.#checking) return true;
    this.#waiting.push(opened);
    return false;
  }

  #tickLater(): void {
    const { clock } = this.#options;
    this.#cancelTick = clock.after(TICK_MS, () => {
      this.#observe(clock.monotonic());
      this.#tickLater();
    });
  }

  #observe(nowMs: number): void {
    const sleptMs = nowMs - this.#aliveMs;
    this.#aliveMs = nowMs;
    if (sleptMs < OVERSLEPT_MS || this.#cancelTick === undefined) return;
    if (this.#checking) {
      this.#sleptAgain = true;
      return;
    }
    const fields = { event: 'node.overslept', slept_ms: Math.round(sleptMs) };
    this.#options.logger.warn(fields, 'the process had no turn for a while: checking its sessions before it serves on');
    this.#checking = true;
    void this.#check();
  }

  /** Never rejects. */
  async #check(): Promise<void> {
    const { check, logger } = this.#options;
    do {
      this.#sleptAgain = false;
      try {
        await check();
        this.#backoff.reset();
      } catch (error) {
        logger.debug({ event: 'node.wake_check_failed', err: error }, 'the sessions could not be checked yet');
        this.#sleptAgain = true;
        await pause(this.#options.clock, this.#backoff.next());
      }
    } while (this.#sleptAgain && this.#checking);
    this.#open();
  }

  #open(): void {
    this.#checking = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const opened of waiting) opened();
  }
}
