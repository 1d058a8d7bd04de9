import { type Logger, toCulvertError } from '@culvert/base';
import type { ReattachRecords } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { forEachBounded } from '@culvert/service';
import type { Ledger, Put } from './ledger.ts';
import type { NodeAsker } from './world.ts';

const AT_ONCE = 16;
/** Beyond any sequence number: asks for nothing but the newest. */
const NOTHING = Number.MAX_SAFE_INTEGER;
/** Set by the first look, which only notes how far each node is. */
const BEGUN = 'k/';

interface Cursor {
  readonly boot: string;
  readonly after: number;
}

interface Reading {
  readonly ledger: Ledger;
  readonly nodes: readonly NodeView[];
  /** The deployment's beginning; what a node recorded before is not of it. */
  readonly sinceMs: number;
  readonly signal: AbortSignal;
}

/** Brings the records of connections that lost their path, from all edges, into the ledger. A node that is silent is asked again. */
export class ReattachReader {
  readonly #client: Pick<NodeAsker, 'reattached'>;
  readonly #logger: Logger;

  constructor(client: Pick<NodeAsker, 'reattached'>, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  async read({ ledger, nodes, sinceMs, signal }: Reading): Promise<Put> {
    const edges = nodes.filter(({ role, state }) => (role === 'gateway' || role === 'worker') && state !== 'dead');
    const entries = new Map<string, unknown>();
    const isFirst = ledger.get(BEGUN) === undefined;
    if (isFirst) entries.set(BEGUN, true);
    await forEachBounded(edges, AT_ONCE, async ({ id, admin }) => {
      const cursor = ledger.get(`k/${id}`) as Cursor | undefined;
      try {
        const records = await this.#ask(admin, cursor, isFirst ? NOTHING : 0, signal);
        for (const item of records.items) {
          if (cursor === undefined && Date.parse(item.at) < sinceMs) continue;
          entries.set(`r/${records.boot}/${item.seq}`, item);
        }
        entries.set(`k/${id}`, { boot: records.boot, after: records.next } satisfies Cursor);
        if (records.gap)
          this.#logger.warn({ event: 'deploy.records_lost', target_node_id: id }, 'some records are gone');
      } catch (error) {
        const { code } = toCulvertError(error);
        this.#logger.debug(
          { event: 'deploy.records_unread', target_node_id: id, code },
          'its records will be read later',
        );
      }
    });
    return ledger.put(entries);
  }

  async #ask(admin: string, cursor: Cursor | undefined, first: number, signal: AbortSignal): Promise<ReattachRecords> {
    const records = await this.#client.reattached(admin, cursor?.after ?? first, signal);
    // Another life of the node counts from 0 again.
    if (cursor === undefined || records.boot === cursor.boot) return records;
    return this.#client.reattached(admin, 0, signal);
  }
}
