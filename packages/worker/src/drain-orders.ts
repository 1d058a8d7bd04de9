import { CulvertError } from '@culvert/base';
import type { DrainOrder } from '@culvert/contracts';

/** Keys of orders that are remembered; a deployment gives a worker a few. */
const KEPT = 100;

/** Which orders to drain have reached this worker: what is old, or done, changes nothing. */
export class DrainOrders {
  #fence = 0;
  #keys: readonly string[] = [];

  /** The highest that was seen; 0: none. */
  get fence(): number {
    return this.#fence;
  }

  /** Keys of the orders that were carried out, the oldest first. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  /**
   * True: the order is to be carried out, now. False: it was, before. An operator's has neither fence nor key, and is
   * carried out each time. @throws CulvertError fenced
   */
  take({ fence, key }: Pick<DrainOrder, 'fence' | 'key'>): boolean {
    if (fence !== undefined && fence < this.#fence) {
      throw new CulvertError('fenced', `the order has fence ${fence}, and ${this.#fence} was seen here`);
    }
    this.#fence = fence ?? this.#fence;
    if (key === undefined) return true;
    if (this.#keys.includes(key)) return false;
    this.#keys = [...this.#keys, key].slice(-KEPT);
    return true;
  }
}
