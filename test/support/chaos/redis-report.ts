import type { Attempts } from './redis-attempts.ts';
import { OK, type Watch } from './redis-watch.ts';
import { percentile } from './report.ts';
import type { Tally } from './traffic.ts';

const COLUMNS = [
  ...['case', 'connections', 'lost', 'wrong bytes', 'resumed', 'gap p50 ms', 'p99 ms', 'max ms', 'true again after s'],
  ...['new connections refused', 'longest s', 'new sessions refused', 'longest s', 'look-ups refused', 'longest s'],
] as const;

/** What the cases of a file came to, as the rows of a table. */
export class RedisReport {
  readonly #rows: string[][] = [[...COLUMNS]];

  /** `resumed`: how often a gateway's connection found another path. `trueAfterMs`: from the end of the failure until the registry said what the workers say. */
  add(
    name: string,
    tally: Tally,
    watch: Watch,
    { resumed, trueAfterMs }: { resumed: number; trueAfterMs: number },
  ): void {
    const { connections, lost, wrongBytes, gapsMs } = tally;
    const gaps = [0.5, 0.99, 1].map((share) => percentile(gapsMs, share).toFixed(0));
    const refusals = [watch.connections, watch.sessions, watch.existing].flatMap(refused);
    const counts = [connections, lost.length, wrongBytes, resumed].map(String);
    this.#rows.push([name, ...counts, ...gaps, (trueAfterMs / 1_000).toFixed(1), ...refusals]);
  }

  toString(): string {
    const [head = [], ...rows] = this.#rows;
    return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
  }

  print(): void {
    process.stdout.write(`\n${this}`);
  }
}

/** How many of how many, and the longest time in which each one was. */
function refused(attempts: Attempts): [string, string] {
  const count = Object.values(attempts.others(OK)).reduce((sum, each) => sum + each, 0);
  const longest = count === 0 ? '–' : (attempts.longestMs((outcome) => outcome !== OK) / 1_000).toFixed(1);
  return [`${count} of ${attempts.count}`, longest];
}
