import { CulvertError } from '@culvert/base';

export interface PlaceLimits {
  /** Streams of the whole process … */
  readonly all: number;
  /** … of which tenants can take so many together, so that operators always get theirs … */
  readonly tenants: number;
  /** … and one tenant so many. */
  readonly perTenant: number;
}

const RETRY_AFTER_SECONDS = 10;

/** How many streams of a kind are open in this process, and for whom; null: operators. */
export class StreamPlaces {
  readonly #limits: PlaceLimits;
  readonly #fix: string;
  readonly #counts = new Map<string | null, number>();

  /** `fix`: what to do when there is no place. */
  constructor(limits: PlaceLimits, fix: string) {
    this.#limits = limits;
    this.#fix = fix;
  }

  /** Throws `limit_exceeded`. Returns what gives the place back. */
  take(tenant: string | null): () => void {
    this.#assertRoom(tenant);
    this.#change(tenant, 1);
    let held = true;
    return () => {
      if (held) this.#change(tenant, -1);
      held = false;
    };
  }

  #assertRoom(tenant: string | null): void {
    const { all, tenants, perTenant } = this.#limits;
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const ofTenants = total - (this.#counts.get(null) ?? 0);
    const full =
      total >= all || (tenant !== null && (ofTenants >= tenants || (this.#counts.get(tenant) ?? 0) >= perTenant));
    if (!full) return;
    throw new CulvertError('limit_exceeded', 'Too many event streams are open here.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      fix: this.#fix,
    });
  }

  #change(tenant: string | null, change: number): void {
    const count = (this.#counts.get(tenant) ?? 0) + change;
    if (count === 0) this.#counts.delete(tenant);
    else this.#counts.set(tenant, count);
  }
}
