import { MAX_TENANTS, OTHER_TENANTS } from './sli/bucket.ts';

/**
 * Names of tenants as attributes of metrics: the first 200 that a process sees keep their names for as long as it lives, all
 * others are counted as one, so that no number of customers makes a scrape grow without bound.
 */
export class CappedTenants {
  readonly #known = new Set<string>();

  /** `tenantId`, or `~other`. */
  name(tenantId: string): string {
    if (this.#known.has(tenantId)) return tenantId;
    if (this.#known.size >= MAX_TENANTS) return OTHER_TENANTS;
    this.#known.add(tenantId);
    return tenantId;
  }
}
