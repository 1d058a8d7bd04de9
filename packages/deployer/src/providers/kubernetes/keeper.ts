import { NodeRole } from '@culvert/contracts';
import type { V1Pod, V1PodTemplateSpec } from '@kubernetes/client-node';
import { Value } from 'typebox/value';
import type { LaunchRequest } from '../provider.ts';
import type { KubeClient } from './client.ts';
import type { Entry, Ledger } from './ledger.ts';
import { LABELS, MANAGED_BY, NOTES, selectorOf } from './names.ts';
import type { Pods } from './pods.ts';
import { failed } from './problem.ts';
import { readTemplate } from './template.ts';

export interface Kept {
  /** Nodes that were started: the first ones of their pool. */
  readonly first: readonly string[];
  /** Nodes that were started again. */
  readonly again: readonly string[];
}

export interface KeeperOptions {
  readonly client: () => Promise<KubeClient>;
  readonly ledger: Ledger;
  readonly pods: Pods;
  readonly templates: string;
}

/** A pod that was ordered so lately may be on its way still, ms. */
const SETTLE_MS = 20_000;
const MAX_REPLICAS = 1_000;
/** A node's id, and what the ledger is to say of it. */
type Change = readonly [string, Entry];
const KEY = /^([a-z]+)\.(.+)\.json$/;

/** Looks after pods that have no controller: the first of each pool, and those that their machine took with it. */
export class Keeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  async keep(signal: AbortSignal): Promise<Kept> {
    const { ledger, pods, client, templates } = this.#options;
    const kube = await client();
    const { data = {} } = await kube.configMap(templates, signal);
    const wanted = Object.entries(data).flatMap(([key, text]) => firstOf(key, readTemplate(templates, key, text)));
    const { owner } = await ledger.read(signal);
    const there = await this.#clear(await kube.listPods(selectorOf(owner.instance), signal), signal);
    let first: readonly Change[] = [];
    let again: readonly Change[] = [];
    const { entries } = await ledger.change(null, signal, (view) => {
      const known = new Set([...view.entries.values()].map(poolOf));
      first = wanted.filter(([, entry]) => !known.has(poolOf(entry)));
      again = [...view.entries].filter(([id, entry]) => isLost(entry) && !there.has(id)).map(anew);
      return Object.fromEntries([...first, ...again]);
    });
    for (const [id] of [...first, ...again]) {
      const entry = entries.get(id);
      if (entry !== undefined) await pods.make(requestOf(id, entry), signal);
    }
    return { first: first.map(([id]) => id), again: again.map(([id]) => id) };
  }

  /**
   * The names of the pods that are there. One whose containers would be started again, but which has failed all the same, was
   * evicted by its machine, or lost with it: it is taken out, and started again at the next look.
   */
  async #clear({ pods }: { readonly pods: readonly V1Pod[] }, signal: AbortSignal): Promise<ReadonlySet<string>> {
    for (const pod of pods) {
      const isOurs = pod.metadata?.labels?.[LABELS.managedBy] === MANAGED_BY;
      const isDead = pod.status?.phase === 'Failed' && pod.spec?.restartPolicy === 'Always';
      if (isOurs && isDead) await this.#options.pods.remove(pod, signal);
    }
    return new Set(pods.map(({ metadata }) => metadata?.name ?? ''));
  }
}

/** The nodes that a pool begins with; empty: its template does not say. */
function firstOf(key: string, { metadata }: V1PodTemplateSpec): Change[] {
  const [, role, pool = ''] = KEY.exec(key) ?? [];
  const { [NOTES.replicas]: replicas, [NOTES.firstVersion]: version } = metadata?.annotations ?? {};
  if (replicas === undefined || !Value.Check(NodeRole, role)) return [];
  const count = Number(replicas);
  const name = metadata?.generateName;
  if (!Number.isInteger(count) || count < 0 || count > MAX_REPLICAS || version === undefined || name === undefined) {
    throw failed(`${key}: first nodes need ${NOTES.replicas} (a number), ${NOTES.firstVersion} and a generateName`);
  }
  const entry: Entry = {
    ...{ role, pool, version, order: 'run', cordoned: false },
    ...{ deployment: 'install', fence: 0, uid: null, atMs: Date.now() },
  };
  return Array.from({ length: count }, (_, index) => [`${name}${index}`, entry]);
}

const isLost = ({ order, atMs }: Entry): boolean => order === 'run' && Date.now() - atMs > SETTLE_MS;
const anew = ([id, entry]: Change): Change => [id, { ...entry, uid: null, atMs: Date.now() }];
const poolOf = ({ role, pool }: Pick<Entry, 'role' | 'pool'>): string => `${role} ${pool}`;

function requestOf(id: string, { role, pool, version, deployment, fence }: Entry): LaunchRequest {
  // A node that comes back takes sessions, unless the registry remembers that it is cordoned.
  return {
    id,
    role,
    pool,
    version,
    replaces: null,
    cordoned: false,
    choice: { kind: 'kubernetes' },
    deployment,
    fence,
  };
}
