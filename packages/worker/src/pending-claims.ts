/** Claims under way, and what the registry said of their sessions meanwhile. */
export class PendingClaims {
  readonly #count = new Map<string, number>();
  /** Epochs under which the registry gave the sessions to this worker, to be looked at once no claim is under way. */
  readonly #told = new Map<string, Set<number>>();
  readonly #look: (sessionId: string, epoch: number) => void;

  /** `look`: asked whether the session is really here under this epoch. */
  constructor(look: (sessionId: string, epoch: number) => void) {
    this.#look = look;
  }

  begin(sessionId: string): void {
    this.#count.set(sessionId, (this.#count.get(sessionId) ?? 0) + 1);
  }

  /** Its outcome is known, or given up. What it means for the session is decided in this turn; the look comes behind it. */
  settle(sessionId: string): void {
    const left = (this.#count.get(sessionId) ?? 1) - 1;
    if (left > 0) {
      this.#count.set(sessionId, left);
      return;
    }
    this.#count.delete(sessionId);
    const epochs = this.#told.get(sessionId);
    this.#told.delete(sessionId);
    if (epochs !== undefined) queueMicrotask(() => this.#lookAt(sessionId, epochs));
  }

  underWay(sessionId: string): boolean {
    return this.#count.has(sessionId);
  }

  told(sessionId: string, epoch: number): void {
    if (!this.#count.has(sessionId)) return this.#look(sessionId, epoch);
    const epochs = this.#told.get(sessionId) ?? new Set();
    this.#told.set(sessionId, epochs.add(epoch));
  }

  #lookAt(sessionId: string, epochs: ReadonlySet<number>): void {
    for (const epoch of epochs) this.told(sessionId, epoch);
  }
}
