import { CulvertError } from '@culvert/base';
import type { ListedNode, ListedSession, RegistryReader } from '../read-directory.ts';
import type { Reservation, ServedSession } from '../snapshot.ts';
import type { VerifyOptions } from '../verify.ts';
import { bootOf, servedOf } from './snapshots.ts';

/** Sessions per page: small, so that there are some pages. */
const PAGE = 2;

/** A registry and its workers, in memory, that a test may change before each look. */
export class FakeCluster implements RegistryReader {
  readonly nodes: ListedNode[] = [];
  readonly entries = new Map<string, ListedSession>();
  /** Those that the index of tenants' sessions does not have. */
  readonly unlisted = new Set<string>();
  /** `worker/session` beyond what the entries say, and `!worker/session` what the index lacks. */
  readonly owned = new Set<string>();
  /** `tenant/session` beyond what the entries say. */
  readonly tenanted = new Set<string>();
  /** Places kept, by worker. */
  readonly reserved = new Map<string, Reservation[]>();
  readonly truths = new Map<string, Map<string, ServedSession>>();
  readonly silent = new Set<string>();
  recovering = false;
  /** Looks that were begun. */
  looks = 0;
  /** Pages of sessions that were read. */
  pages = 0;
  /** Asked of workers, in all. */
  asked: string[] = [];
  /** Runs when a look begins, with its number; the first is 1. */
  onLook: (look: number) => void = () => undefined;

  constructor(...workers: string[]) {
    for (const id of workers) {
      this.nodes.push({ id, boot: bootOf(id), role: 'worker', state: 'ready', admin: id });
      this.truths.set(id, new Map());
    }
  }

  /** An entry, and the same truth on its owner. */
  session(id: string, owner: string, over: Partial<ListedSession> = {}): void {
    this.entry(id, owner, over);
    const { state, connections, epoch } = this.entries.get(id) as ListedSession; // it was just set
    this.serve(owner, id, { state, connections, epoch });
  }

  entry(id: string, owner: string | null, over: Partial<ListedSession> = {}): void {
    const boot = owner === null ? null : bootOf(owner);
    const numbers = { epoch: 7, connections: 2, changedAt: 1_000, bytesIn: 4, bytesOut: 6 };
    this.entries.set(id, { id, tenant: 'acme', state: 'busy', node: owner, boot, ...numbers, ...over });
  }

  serve(worker: string, id: string, over: Partial<ServedSession> = {}): void {
    this.truths.get(worker)?.set(id, servedOf(over));
  }

  /** Time passes in pauses only. */
  get options(): Pick<VerifyOptions, 'registry' | 'workers' | 'time'> {
    let now = 0;
    const sleep = async (ms: number): Promise<void> => {
      now += ms;
    };
    const time = { monotonic: () => now, sleep };
    return { registry: this, workers: { list: (admin) => this.#tell(admin) }, time };
  }

  async status(): Promise<{ recovering: boolean }> {
    return { recovering: this.recovering };
  }

  async listNodes(): Promise<ListedNode[]> {
    this.looks += 1;
    this.onLook(this.looks);
    return this.nodes;
  }

  async listSessions({ cursor = '' }: { cursor?: string }) {
    this.pages += 1;
    const ids = [...this.entries.keys()].filter((id) => !this.unlisted.has(id) && id > cursor).toSorted();
    const items = ids.slice(0, PAGE).flatMap((id) => this.entries.get(id) ?? []);
    return { items, next: ids.length > PAGE ? (items.at(-1)?.id ?? null) : null };
  }

  async getSession(id: string): Promise<ListedSession | undefined> {
    const found = this.entries.get(id);
    if (found === undefined && this.recovering) throw new CulvertError('recovering');
    return found;
  }

  async listOwned({ id: worker }: { id: string }, after = '') {
    const own = [...this.entries.values()].filter(({ node }) => node === worker).map(({ id }) => id);
    const extra = [...this.owned].filter((m) => m.startsWith(`${worker}/`)).map((m) => m.slice(worker.length + 1));
    const ids = [...own, ...extra].filter((id) => id > after && !this.owned.has(`!${worker}/${id}`)).toSorted();
    return { ids: ids.slice(0, PAGE), next: ids.length > PAGE ? (ids[PAGE - 1] ?? null) : null };
  }

  async listTenanted(after = '') {
    const listed = [...this.entries.values()].filter(({ id }) => !this.unlisted.has(id));
    const all = [...listed.map(({ tenant, id }) => `${tenant}/${id}`), ...this.tenanted].toSorted();
    const members = all.filter((member) => member > after).map((member) => member.split('/'));
    const items = members.slice(0, PAGE).map(([tenant = '', id = '']) => ({ tenant, id }));
    return { items, next: members.length > PAGE ? (members[PAGE - 1]?.join('/') ?? null) : null };
  }

  async listReservations(worker: string): Promise<Reservation[]> {
    return this.reserved.get(worker) ?? [];
  }

  async #tell(worker: string): Promise<ReadonlyMap<string, ServedSession>> {
    this.asked.push(worker);
    if (this.silent.has(worker)) throw new CulvertError('node_unreachable', 'no answer within 5 ms');
    return this.truths.get(worker) ?? new Map();
  }
}
