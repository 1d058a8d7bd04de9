import type { ClaimRefusal } from '../types.ts';

/** One ownership that was granted. */
export interface Grant {
  readonly session: string;
  readonly tenant: string;
  readonly node: string;
  readonly pool: string;
  readonly epoch: number;
}

interface Node {
  boot: number;
  alive: boolean;
  /** In the list of nodes: it has beaten, and has not left. */
  listed: boolean;
  cordoned: boolean;
}

export interface Asked {
  readonly session: string;
  readonly tenant: string;
  readonly node: string;
  readonly pool: string;
  readonly expectedEpoch: number | undefined;
}

/** A tenant's rules; one that is not named lives in the pool `default`, without a limit. */
export interface Rules {
  readonly pools: readonly string[];
  readonly sessions: number;
}

/** A naive twin of the directory: who has what, who lives. */
export class DirectoryModel {
  /** What the directory has, by session. */
  readonly entries = new Map<string, Grant & { boot: number }>();
  readonly grants: Grant[] = [];
  readonly #nodes = new Map<string, Node>();
  readonly #highest = new Map<string, number>();
  readonly #rules: Readonly<Record<string, Rules>>;
  readonly #capacity: number;

  constructor(nodes: readonly string[], capacity: number, rules: Readonly<Record<string, Rules>>) {
    for (const id of nodes) this.#nodes.set(id, { boot: 1, alive: true, listed: true, cordoned: false });
    this.#capacity = capacity;
    this.#rules = rules;
  }

  bootOf(id: string): string {
    return `${id}-boot${this.#node(id).boot}`;
  }

  lives(id: string): boolean {
    return this.#node(id).alive;
  }

  epochOf(session: string): number {
    return this.entries.get(session)?.epoch ?? 0;
  }

  /** The highest epoch that was ever granted for the session. */
  highestOf(session: string): number {
    return this.#highest.get(session) ?? 0;
  }

  claim({ session, tenant, node: id, pool, expectedEpoch }: Asked): ClaimRefusal | 'claimed' {
    const node = this.#node(id);
    if (!node.alive || node.cordoned) return 'node_not_ready';
    const rules = this.#rules[tenant] ?? { pools: ['default'], sessions: Number.POSITIVE_INFINITY };
    if (!rules.pools.includes(pool)) return 'wrong_pool';
    const entry = this.entries.get(session);
    if (entry && entry.tenant !== tenant) return 'fenced';
    if (entry && expectedEpoch !== undefined && expectedEpoch !== entry.epoch && this.#served(entry)) return 'fenced';
    const own = entry?.node === id && entry.boot === node.boot;
    if (!own && this.#count((other) => other.node === id && other.boot === node.boot) >= this.#capacity) return 'full';
    if (!entry && this.#count((other) => other.tenant === tenant) >= rules.sessions) return 'limit_exceeded';
    return 'claimed';
  }

  granted(grant: Grant): void {
    this.entries.set(grant.session, { ...grant, boot: this.#node(grant.node).boot });
    this.grants.push(grant);
    this.#highest.set(grant.session, grant.epoch);
  }

  update({ session, node, epoch }: Grant): 'ok' | 'fenced' | 'absent' {
    const entry = this.entries.get(session);
    if ((entry?.epoch ?? 0) > epoch) return 'fenced';
    return entry?.epoch === epoch && entry.node === node && entry.boot === this.#node(node).boot ? 'ok' : 'absent';
  }

  release({ session, node, epoch }: Grant): 'released' | 'fenced' | 'absent' {
    const entry = this.entries.get(session);
    if ((entry?.epoch ?? 0) > epoch) return 'fenced';
    if (!entry || (entry.epoch === epoch && entry.node !== node)) return 'absent';
    this.entries.delete(session);
    return 'released';
  }

  /** `dead`: the boot has no lease. */
  reassert(grant: Grant): 'ok' | 'fenced' | 'dead' {
    const node = this.#node(grant.node);
    if (!node.alive) return 'dead';
    const entry = this.entries.get(grant.session);
    if (entry && (entry.epoch > grant.epoch || entry.tenant !== grant.tenant)) return 'fenced';
    if (entry && entry.epoch === grant.epoch && entry.node !== grant.node) return 'fenced';
    this.entries.set(grant.session, { ...grant, boot: node.boot });
    return 'ok';
  }

  leaves(id: string): void {
    Object.assign(this.#node(id), { alive: false, listed: false, cordoned: false });
  }

  lapses(id: string): void {
    this.#node(id).alive = false;
  }

  /** The process goes on under a new boot. */
  renews(id: string): void {
    const node = this.#node(id);
    Object.assign(node, { alive: true, listed: true, boot: node.boot + 1 });
  }

  /** False: there is no such node. */
  cordon(id: string, on: boolean): boolean {
    const node = this.#node(id);
    if (node.listed) node.cordoned = on;
    return node.listed;
  }

  /** How many entries go. */
  sweep(): number {
    const listed = [...this.#nodes.values()].filter((node) => node.listed);
    if (listed.filter((node) => !node.alive).length * 3 > listed.length) return 0;
    const dead = [...this.entries].filter(([, entry]) => !this.#served(entry));
    for (const [session] of dead) this.entries.delete(session);
    return dead.length;
  }

  /** All is gone, except for what live owners hold and tell again. */
  loses(): void {
    for (const [session, entry] of this.entries) if (!this.#served(entry)) this.entries.delete(session);
    for (const node of this.#nodes.values()) if (!node.alive) Object.assign(node, { listed: false, cordoned: false });
  }

  /** What live owners hold. */
  held(node?: string): Grant[] {
    return [...this.entries.values()].filter((entry) => this.#served(entry) && (node ?? entry.node) === entry.node);
  }

  #served(entry: { readonly node: string; readonly boot: number }): boolean {
    const node = this.#node(entry.node);
    return node.alive && node.boot === entry.boot;
  }

  #count(matches: (entry: Grant & { boot: number }) => boolean): number {
    return [...this.entries.values()].filter(matches).length;
  }

  #node(id: string): Node {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`the model has no node ${id}`);
    return node;
  }
}
