import { type Logger, sleep, toCulvertError } from '@culvert/base';
import type { LeaseKeeper } from './lease.ts';

/** A lease lapses 4 s after its holder died; then it is a matter of this. */
const EVERY_MS = 1_000;
/** So that deploy workers that were started together do not ask together. */
const JITTER = 0.2;

/** `unknown`: the registry gives no answer, so this process is of no use to anybody. */
export type TurnState = 'ours' | 'elsewhere' | 'unknown';

const WORDS: Readonly<Record<TurnState, string>> = {
  ours: 'this deploy worker moves deployments on',
  elsewhere: 'another deploy worker moves deployments on',
  unknown: 'it is not known which deploy worker moves deployments on',
};

export interface TurnOptions {
  readonly lease: LeaseKeeper;
  /** Told at each change, and the first time. */
  readonly onTurn: (state: TurnState) => Promise<void>;
  /** Each time round, unless it is unknown who has the lease. */
  readonly onRound: () => Promise<void>;
  readonly logger: Logger;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
}

/** Renews the lease, or waits for it: of several deploy workers, the one that has it takes the ticks. */
export class Turn {
  readonly #options: TurnOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #state: TurnState | undefined;
  #nap = new AbortController();

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  get ours(): boolean {
    return this.#state === 'ours';
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Redis can be used again: no pause before the next look. */
  lookNow(): void {
    this.#nap.abort();
  }

  /** Looks no more; the lease is the keeper's to let go. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { random = Math.random } = this.#options;
    while (!signal.aborted) {
      this.#nap = new AbortController();
      await this.#look();
      const pauseMs = EVERY_MS * (1 + JITTER * (2 * random() - 1));
      await sleep(pauseMs, AbortSignal.any([signal, this.#nap.signal]));
    }
  }

  async #look(): Promise<void> {
    const { lease, onRound, logger } = this.#options;
    try {
      await this.#become((await lease.take()) === undefined ? 'elsewhere' : 'ours');
      await onRound();
    } catch (error) {
      const { code } = toCulvertError(error);
      const level = code === 'registry_unavailable' || code === 'shutting_down' ? 'debug' : 'warn';
      logger[level]({ event: 'deploy.lease_unknown', code, err: error }, 'the deploy lease could not be looked at');
      await this.#become('unknown');
    }
  }

  async #become(state: TurnState): Promise<void> {
    if (state === this.#state) return;
    const { onTurn, logger } = this.#options;
    logger.info({ event: 'deploy.turn', turn: state }, WORDS[state]);
    await onTurn(state);
    this.#state = state;
  }
}
