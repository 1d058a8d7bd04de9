import { parseJson, toJson } from './deployments/json.ts';
import type { Directory } from './directory.ts';

/** Runs that are kept; the oldest goes first. */
const MAX_RUNS = 50;

/** Rehearsals of failures, and who carries one out. A run is a JSON value; its id begins with its time, so that ids sort. */
export class ChaosRuns {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** The right to carry out a run, for so many ms; the same holder renews it. undefined: another has it. */
  async lease(holder: string, forMs: number): Promise<{ readonly fence: number } | undefined> {
    const { scripts, keys, clock } = this.#directory;
    const reply = await scripts.run('deploy_lease', [keys.chaos.lease], { holder, forMs, seenMs: clock.seenMs });
    return reply.oneOf('outcome', ['held', 'busy']) === 'held' ? { fence: reply.integer('fence') } : undefined;
  }

  /** Nothing to give up is no error. */
  async letGo({ fence }: { readonly fence: number }): Promise<void> {
    const { scripts, keys } = this.#directory;
    await scripts.run('deploy_let_go', [keys.chaos.lease], { fence });
  }

  /** Stores a run, in place of an earlier state of it; the last 50 are kept. */
  async put(id: string, run: unknown): Promise<void> {
    const { connection, scripts, keys } = this.#directory;
    const ids = await connection.command('the runs', (redis) => redis.hkeys(keys.chaos.runs));
    const old = ids.filter((one) => one !== id).sort();
    for (const one of old.slice(0, Math.max(0, old.length + 1 - MAX_RUNS))) {
      await scripts.run('deploy_document', [keys.chaos.runs], { id: one });
    }
    await scripts.run('deploy_document', [keys.chaos.runs], { id, body: toJson(run), max: MAX_RUNS });
  }

  /** undefined: there is none. */
  async get(id: string): Promise<unknown> {
    const { connection, keys } = this.#directory;
    const [text] = await connection.command('a run', (redis) => redis.hmget(keys.chaos.runs, id));
    return text === null || text === undefined ? undefined : parseJson(text, `run ${id}`);
  }

  /** The newest first. */
  async list(): Promise<unknown[]> {
    const { connection, keys } = this.#directory;
    const ids = (await connection.command('the runs', (redis) => redis.hkeys(keys.chaos.runs))).sort().reverse();
    if (ids.length === 0) return [];
    const texts = await connection.command('the runs', (redis) => redis.hmget(keys.chaos.runs, ...ids));
    return texts.flatMap((text, at) => (text == null ? [] : [parseJson(text, `run ${ids[at]}`)]));
  }

  /** Asks whoever carries the run out to stop it. */
  async askToStop(id: string, by: string): Promise<void> {
    const { scripts, keys } = this.#directory;
    await scripts.run('deploy_document', [keys.chaos.stops], { id, body: toJson(by), max: MAX_RUNS });
  }

  /** Who wants the run to stop; undefined: nobody. */
  async stopAsked(id: string): Promise<unknown> {
    const { connection, keys } = this.#directory;
    const [text] = await connection.command('a stop', (redis) => redis.hmget(keys.chaos.stops, id));
    return text === null || text === undefined ? undefined : parseJson(text, `stop of ${id}`);
  }

  /** The wish has been granted. */
  async stopped(id: string): Promise<void> {
    const { scripts, keys } = this.#directory;
    await scripts.run('deploy_document', [keys.chaos.stops], { id });
  }
}
