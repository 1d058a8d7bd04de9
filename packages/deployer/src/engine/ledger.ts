import { CulvertError } from '@culvert/base';
import type { Deployments } from '@culvert/registry';

/** As the store keeps them; more are not remembered here, either. */
const MAX_ENTRIES = 100_000;

export type Put = 'kept' | 'full';

/**
 * What a deployment has touched, and what the engine has to remember of it beside the core's state, by key:
 * `s/<node>/<session>` a drained session, `r/<boot>/<seq>` a connection that lost its path, `k/<node>` how far that was read,
 * `c/<node>/<boot>` a node's counters. It is in the store, so that any deploy worker can go on; only what changed is written.
 */
export class Ledger {
  readonly deployment: string;
  readonly #deployments: Pick<Deployments, 'touched' | 'putTouched'>;
  readonly #known: Map<string, string>;

  private constructor(
    deployments: Pick<Deployments, 'touched' | 'putTouched'>,
    deployment: string,
    known: Map<string, string>,
  ) {
    this.#deployments = deployments;
    this.deployment = deployment;
    this.#known = known;
  }

  static async open(deployments: Pick<Deployments, 'touched' | 'putTouched'>, deployment: string): Promise<Ledger> {
    const touched = await deployments.touched(deployment);
    const known = new Map([...touched].map(([key, value]) => [key, JSON.stringify(value)]));
    return new Ledger(deployments, deployment, known);
  }

  /** A JSON value; undefined: none. */
  get(key: string): unknown {
    const text = this.#known.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  keys(prefix: string): string[] {
    return [...this.#known.keys()].filter((key) => key.startsWith(prefix));
  }

  /** Rejects like the registry; what was not written is written by the next one that brings it. */
  async put(entries: ReadonlyMap<string, unknown>): Promise<Put> {
    const changed = new Map<string, unknown>();
    for (const [key, value] of entries) {
      const isNew = !this.#known.has(key);
      if (isNew && this.#known.size + changed.size >= MAX_ENTRIES) continue;
      if (this.#known.get(key) !== JSON.stringify(value)) changed.set(key, value);
    }
    if (changed.size === 0) return 'kept';
    const put = await putTouched(this.#deployments, this.deployment, changed);
    // Of a full one it is not known which were kept; they are brought again, and cost nothing more.
    if (put === 'kept') for (const [key, value] of changed) this.#known.set(key, JSON.stringify(value));
    return put;
  }
}

/** `full`: the store has as many as it keeps. The receipt will lack something; the deployment goes on. */
export async function putTouched(
  deployments: Pick<Deployments, 'putTouched'>,
  deployment: string,
  entries: ReadonlyMap<string, unknown>,
): Promise<Put> {
  try {
    await deployments.putTouched(deployment, entries);
    return 'kept';
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'limit_exceeded') return 'full';
    throw error;
  }
}
