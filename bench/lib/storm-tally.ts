import { toCulvertError } from '@culvert/base';
import type { CrowdResult } from './storm-protocol.ts';

/** What happens to the agents of one crowd, from the death of the workers on. */
export class StormTally {
  readonly #claimTimes: number[] = [];
  readonly #claimWorkers: number[] = [];
  readonly #reserveTimes: number[] = [];
  readonly #refusals: Record<string, number> = {};
  readonly #done = Promise.withResolvers<void>();
  readonly #agents: number;
  #retryAfters = 0;
  #settled = 0;
  #slots = 0;
  #latestSlotMs = 0;
  #beganMs = 0;

  constructor(agents: number) {
    this.#agents = agents;
  }

  /** Resolves once each agent is settled. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Claims by worker so far, as pairs. */
  get claims(): readonly number[] {
    return this.#claimWorkers;
  }

  begin(): void {
    this.#beganMs = performance.now();
    if (this.#agents === 0) this.#done.resolve();
  }

  reserved(): void {
    this.#reserveTimes.push(this.#now());
  }

  slot(delayMs: number): void {
    if (delayMs > 0) this.#slots += 1;
    this.#latestSlotMs = Math.max(this.#latestSlotMs, delayMs);
  }

  claimed(worker: number): void {
    this.#claimTimes.push(this.#now());
    this.#claimWorkers.push(worker);
  }

  refused(thrown: unknown): void {
    const { code, retryAfterSeconds } = toCulvertError(thrown);
    this.#refusals[code] = (this.#refusals[code] ?? 0) + 1;
    if (retryAfterSeconds !== undefined) this.#retryAfters += 1;
  }

  /** An agent has a link to a worker that lives. */
  settled(): void {
    this.#settled += 1;
    if (this.#settled === this.#agents) this.#done.resolve();
  }

  result(): CrowdResult {
    return {
      agents: this.#agents,
      settled: this.#settled,
      claimTimes: this.#claimTimes,
      claimWorkers: this.#claimWorkers,
      reserveTimes: this.#reserveTimes,
      refusals: this.#refusals,
      retryAfters: this.#retryAfters,
      slots: { given: this.#slots, latestMs: this.#latestSlotMs },
    };
  }

  #now(): number {
    return performance.now() - this.#beganMs;
  }
}
