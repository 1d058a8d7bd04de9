import { CulvertError } from '@culvert/base';
import { NodeRole } from '@culvert/contracts';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { KubeClient } from './client.ts';
import { LABELS, NOTES } from './names.ts';
import { persist } from './persist.ts';
import { failed } from './problem.ts';
import type { PodOwner } from './template.ts';

/** What was ordered last of one node. */
const Entry = Type.Object({
  role: NodeRole,
  pool: Type.String(),
  version: Type.String(),
  order: Type.Union([Type.Literal('run'), Type.Literal('end')]),
  cordoned: Type.Boolean(),
  deployment: Type.String(),
  fence: Type.Integer(),
  /** Of its pod; null: it has not been made yet. */
  uid: Type.Union([Type.String(), Type.Null()]),
  /** ms since 1970, when it was ordered. */
  atMs: Type.Number(),
});
export type Entry = Static<typeof Entry>;
export type Entries = ReadonlyMap<string, Entry>;
/** By node id; null takes one out. */
export type Changes = Readonly<Record<string, Entry | null>>;

/** Of nodes that were told to end; older ones are forgotten. A ConfigMap holds 1 MiB, an entry some 250 bytes. */
const MAX_ENDED = 200;

export interface LedgerView {
  readonly owner: PodOwner;
  /** The highest that was seen. */
  readonly fence: number;
  readonly entries: Entries;
  readonly resourceVersion: string;
}

/**
 * Which nodes were ordered to run, and to end, and the highest fence: a ConfigMap, changed as a whole or not at all. Orders
 * are written here before they are carried out, so that one of an older fence is refused whatever node it is about, and what
 * a deploy worker has left half done, another one finishes.
 */
export class Ledger {
  readonly #client: () => Promise<KubeClient>;
  readonly name: string;

  constructor(client: () => Promise<KubeClient>, name: string) {
    this.#client = client;
    this.name = name;
  }

  async read(signal: AbortSignal): Promise<LedgerView> {
    const client = await this.#client();
    return viewOf(await client.configMap(this.name, signal));
  }

  /**
   * Writes what `decide` wants changed; it is asked again, with what stands there by then, when somebody else was quicker.
   * Rejects with `fenced` if a higher fence was seen. `fence: null` is nobody's order, and raises none.
   */
  async change(
    fence: number | null,
    signal: AbortSignal,
    decide: (view: LedgerView) => Promise<Changes> | Changes,
  ): Promise<LedgerView> {
    const client = await this.#client();
    return persist(`the ConfigMap ${this.name}`, signal, async () => {
      const view = await this.read(signal);
      if (fence !== null && fence < view.fence) {
        throw new CulvertError('fenced', `an order of fence ${fence} comes after one of ${view.fence}`);
      }
      const changes = await decide(view);
      const isNews = fence !== null && fence > view.fence;
      if (Object.keys(changes).length === 0 && !isNews) return view;
      const data = { ...forgotten(view.entries), ...changes };
      const patch = {
        metadata: {
          resourceVersion: view.resourceVersion,
          ...(isNews ? { annotations: { [NOTES.fence]: String(fence) } } : {}),
        },
        data: Object.fromEntries(Object.entries(data).map(([id, entry]) => [id, entry && JSON.stringify(entry)])),
      };
      return viewOf(await client.patchConfigMap(this.name, patch, signal));
    });
  }
}

function viewOf({ metadata, data }: V1ConfigMap): LedgerView {
  const { name = '', uid = '', resourceVersion = '', labels, annotations } = metadata ?? {};
  const entries = Object.entries(data ?? {}).map(([id, text]): [string, Entry] => [id, entryOf(name, id, text)]);
  return {
    owner: { name, uid, instance: labels?.[LABELS.instance] },
    fence: Number(annotations?.[NOTES.fence] ?? 0),
    entries: new Map(entries),
    resourceVersion,
  };
}

/** A ledger that cannot be read is not guessed at: somebody has changed it by hand. */
function entryOf(name: string, id: string, text: string): Entry {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw failed(`${id} in the ConfigMap ${name} is no JSON`, error);
  }
  if (Value.Check(Entry, given)) return given;
  throw failed(`${id} in the ConfigMap ${name} is no entry of the ledger`);
}

function forgotten(entries: Entries): Record<string, null> {
  const ended = [...entries].filter(([, { order }]) => order === 'end').toSorted(([, a], [, b]) => b.atMs - a.atMs);
  return Object.fromEntries(ended.slice(MAX_ENDED).map(([id]) => [id, null]));
}
