import type { DeployLease, Deployments } from '@culvert/registry';

/** A deploy worker that died holds everybody up for so long at most. */
export const LEASE_MS = 4_000;

/** This process's right to move deployments on. Each tick renews it; it is kept between ticks, so that fences stay few. */
export class LeaseKeeper {
  readonly #deployments: Pick<Deployments, 'lease' | 'letGo'>;
  readonly #holder: string;
  #lease: DeployLease | undefined;
  #taking: Promise<unknown> = Promise.resolve();
  #over = false;

  /** `holder`: names this life of the process. */
  constructor(deployments: Pick<Deployments, 'lease' | 'letGo'>, holder: string) {
    this.#deployments = deployments;
    this.#holder = holder;
  }

  /** Takes or renews it; undefined: another has it, or this process has let go for good. Rejects like the registry. */
  async take(): Promise<DeployLease | undefined> {
    if (this.#over) return undefined;
    const taking = this.#deployments.lease(this.#holder, LEASE_MS);
    this.#taking = taking.catch(() => undefined); // whoever asked hears of it
    this.#lease = await taking;
    return this.#over ? undefined : this.#lease;
  }

  /** Lets go for good: another may go on at once. Rejects like the registry; then it lapses by itself. */
  async letGo(): Promise<void> {
    this.#over = true;
    // A renewal that is on its way would take it back.
    await this.#taking;
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease !== undefined) await this.#deployments.letGo(lease);
  }
}
