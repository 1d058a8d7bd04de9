/** One deployment as it is kept: what the deploy worker thinks with, and what the API shows of it. Both are JSON values. */
export interface StoredDeployment {
  readonly id: string;
  /** Rises with each commit, from 1. */
  readonly revision: number;
  readonly state: string;
  /** It is over: it takes no more commands, and holds nobody up. */
  readonly over: boolean;
  readonly createdAtMs: number;
  /** The deploy worker's own state. */
  readonly core: unknown;
  /** What the API answers with. */
  readonly view: unknown;
}

/** The right to move deployments on, until it lapses; the fence rises with each lease, also after Redis lost its data. */
export interface DeployLease {
  readonly fence: number;
  readonly holder: string;
  /** ms of Redis's clock. */
  readonly untilMs: number;
}

export interface StoredCommand {
  readonly id: string;
  readonly verb: string;
  readonly node: string | null;
  readonly byMs: number | null;
  /** Id of the key of who gave it. */
  readonly by: string;
  readonly atMs: number;
}

/** An entry of the cluster's history: `deployment.*` types. */
export type DeploymentEvent = Readonly<Record<string, string>> & { readonly type: string };

export interface Commit {
  readonly record: StoredDeployment;
  /** The revision that the tick began with. */
  readonly expected: number;
  readonly fence: number;
  /** Ids of the commands that this commit has taken in. */
  readonly commands: readonly string[];
  readonly events: readonly DeploymentEvent[];
}

/** Where new sessions go while a canary is watched. */
export interface Rollout {
  readonly deployment: string;
  readonly pool: string;
  /** Workers of the new version; new sessions that are not chosen are not placed there. */
  readonly nodes: readonly string[];
  /** 0 to 100, of new sessions; the choice is by session id, so it is the same at each attempt. */
  readonly percent: number;
  /** Tenants whose new sessions all go there. */
  readonly tenants: readonly string[];
}

/** What the store offers; all methods reject like the registry's. */
export interface Deployments {
  /** `busy`: another is under way (its id), and `queue` was not asked for. Keeps the last 200. */
  create(
    record: StoredDeployment,
    options: { readonly queue: boolean },
  ): Promise<{ outcome: 'created' } | { outcome: 'busy'; active: string }>;
  get(id: string): Promise<StoredDeployment | undefined>;
  /** Newest first. */
  list(options: { limit: number; cursor?: string }): Promise<{ items: StoredDeployment[]; next: string | null }>;
  /** The one under way: the oldest that is not over; undefined: none. */
  active(): Promise<StoredDeployment | undefined>;
  /** Undefined: another holder has it. The same holder renews its own, under the same fence. */
  lease(holder: string, forMs: number): Promise<DeployLease | undefined>;
  letGo(lease: DeployLease): Promise<void>;
  /** `fenced`: the lease is another's by now. `conflict`: the revision is another. Nothing was written then. */
  commit(commit: Commit): Promise<'ok' | 'conflict' | 'fenced'>;
  /** `over`: it is in a final state. */
  command(id: string, command: StoredCommand): Promise<'ok' | 'absent' | 'over'>;
  /** Commands that no commit has taken in, the oldest first. */
  commands(id: string): Promise<StoredCommand[]>;
  /** The first one wins; resolves to what is stored. `result` is a JSON value. */
  putResult(id: string, key: string, result: unknown): Promise<unknown>;
  results(id: string): Promise<ReadonlyMap<string, unknown>>;
  /** By key; a later one replaces. JSON values. For receipts: 100,000 at most. */
  putTouched(id: string, entries: ReadonlyMap<string, unknown>): Promise<void>;
  touched(id: string): Promise<ReadonlyMap<string, unknown>>;
  putReceipt(id: string, receipt: unknown): Promise<void>;
  receipt(id: string): Promise<unknown>;
  /** Puts a record back that Redis has lost; nothing if there is one of this id. */
  restore(record: StoredDeployment): Promise<boolean>;
  /** Fenced like a commit. null: no canary. */
  setRollout(rollout: Rollout | null, fence: number): Promise<'ok' | 'fenced'>;
  rollout(): Promise<Rollout | null>;
  /** Schedules and windows: small JSON documents by kind and id. */
  putDocument(kind: 'schedule' | 'window', id: string, document: unknown): Promise<void>;
  deleteDocument(kind: 'schedule' | 'window', id: string): Promise<boolean>;
  documents(kind: 'schedule' | 'window'): Promise<ReadonlyMap<string, unknown>>;
  /**
   * Puts back what of them Redis has lost, once in each round of its data set: the first to ask in a round wins. Resolves to
   * how many were put back.
   */
  putBackDocuments(round: string, documents: KeptDocuments): Promise<number>;
}

/** JSON values by id. */
export interface KeptDocuments {
  readonly schedule: ReadonlyMap<string, unknown>;
  readonly window: ReadonlyMap<string, unknown>;
}
