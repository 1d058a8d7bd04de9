import { parseJson } from '../deployments/json.ts';
import type { Directory } from '../directory.ts';

/** A report that no round has renewed for so long says nothing any more. ms. */
const KEPT_MS = 900_000;

/**
 * What the cluster's own probes found last, and which deploy worker probes now: one at a time, and whoever takes longer than it
 * said has lost its turn, with what it found. Methods reject with `registry_unavailable` while Redis is away.
 */
export class ProbeStore {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** False: another round is under way. `holder`: a name that no other round has. */
  async begin(holder: string, forMs: number): Promise<boolean> {
    const { connection, keys } = this.#directory;
    const taken = await connection.command('a round of probes', (redis) =>
      redis.set(keys.probes.round, holder, 'PX', forMs, 'NX'),
    );
    return taken === 'OK';
  }

  /** `report`: JSON; undefined: nothing was found out. False: the turn was lost, and nothing was written. */
  async end(holder: string, report?: object): Promise<boolean> {
    const { scripts, keys } = this.#directory;
    const texts = report === undefined ? [] : [JSON.stringify(report)];
    const request = { holder, keepMs: KEPT_MS };
    const reply = await scripts.run('probe_round', [keys.probes.round, keys.probes.report], request, texts);
    return reply.oneOf('outcome', ['ok', 'lost']) === 'ok';
  }

  /** The last report as it was written; undefined: there is none, or it is old. */
  async report(): Promise<unknown> {
    const { connection, keys } = this.#directory;
    const text = await connection.command('the probes', (redis) => redis.get(keys.probes.report));
    return text === null ? undefined : parseJson(text, 'the report of the probes');
  }
}
