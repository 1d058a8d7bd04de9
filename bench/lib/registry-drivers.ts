import type { DriverAnswer, DriverJob } from './registry-driver-protocol.ts';
import { Helper } from './registry-jobs.ts';

const DEADLINE_MS = 180_000;

/** What all drivers did together. */
export interface Driven {
  readonly operations: number;
  readonly seconds: number;
  /** Share of one core that the busiest of them used. */
  readonly busiest: number;
}

/** Some processes that use the registry at the same time: one alone would be slower than Redis. */
export class Drivers implements AsyncDisposable {
  readonly #helpers: Helper<DriverJob, DriverAnswer>[];

  static async start(url: string, { drivers, nodes }: { drivers: number; nodes: number }): Promise<Drivers> {
    const start = (_: unknown, i: number): Promise<Helper<DriverJob, DriverAnswer>> =>
      Helper.start('registry-driver.ts', url, String(nodes), String(i + 1));
    return new Drivers(await Promise.all(Array.from({ length: drivers }, start)));
  }

  private constructor(helpers: Helper<DriverJob, DriverAnswer>[]) {
    this.#helpers = helpers;
  }

  get count(): number {
    return this.#helpers.length;
  }

  /** `job` says what the driver of this number does. */
  async run(job: (driver: number) => DriverJob): Promise<Driven> {
    const answers = await Promise.all(this.#helpers.map((helper, i) => helper.ask(job(i), DEADLINE_MS)));
    return {
      operations: answers.reduce((sum, { operations }) => sum + operations, 0),
      seconds: Math.max(...answers.map(({ seconds }) => seconds)),
      busiest: Math.max(...answers.map(({ cpuUs, seconds }) => cpuUs / 1e6 / seconds)),
    };
  }

  /** Sessions `from` to `from + count`, each driver a part. */
  share(from: number, count: number, driver: number): { from: number; count: number } {
    const each = Math.ceil(count / this.count);
    return { from: from + driver * each, count: Math.max(0, Math.min(each, count - driver * each)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper[Symbol.asyncDispose]()));
  }
}
