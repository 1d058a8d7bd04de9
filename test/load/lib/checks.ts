export interface CheckCount {
  readonly name: string;
  readonly group: string;
  readonly passes: number;
  readonly fails: number;
}

/** Names are part of the script; one that makes them up as it goes must not fill the memory. */
const MAX_CHECKS = 1_000;

/** How often each check has passed. */
export class Checks {
  readonly #counts = new Map<string, { name: string; group: string; passes: number; fails: number }>();

  add(name: string, group: string, passed: boolean): void {
    const key = `${group}\n${name}`;
    let count = this.#counts.get(key);
    if (!count) {
      if (this.#counts.size >= MAX_CHECKS) return;
      count = { name, group, passes: 0, fails: 0 };
      this.#counts.set(key, count);
    }
    if (passed) count.passes += 1;
    else count.fails += 1;
  }

  counts(): CheckCount[] {
    return [...this.#counts.values()];
  }
}
