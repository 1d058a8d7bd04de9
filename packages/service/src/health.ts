/** Why a node is not ready, in words for people; undefined when it is. */
export type ReadinessCheck = () => string | undefined;

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** Failures may be rehearsed here; absent: they may not. */
  readonly chaos?: true;
}

/** Named checks; a node is ready when none of them has a reason against it. */
export class Health {
  readonly #checks = new Map<string, ReadinessCheck>();
  /** Told with every answer, so that nobody runs production so without noticing. */
  chaosAllowed = false;

  /** Adds a check, or replaces the one of that name. Checks are called at each `/readyz`, so they only look. */
  check(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** The checks that have something against it. */
  get failing(): { readonly name: string; readonly reason: string }[] {
    return [...this.#checks].flatMap(([name, check]) => {
      const reason = check();
      return reason === undefined ? [] : [{ name, reason }];
    });
  }

  get readiness(): Readiness {
    const reasons = this.failing.map(({ name, reason }) => `${name}: ${reason}`);
    return { ready: reasons.length === 0, reasons, ...(this.chaosAllowed ? { chaos: true } : {}) };
  }
}
