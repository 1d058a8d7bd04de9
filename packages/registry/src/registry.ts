import { type Clock, CulvertError, type Logger, systemClock, toCulvertError } from '@culvert/base';
import { ChaosRuns } from './chaos.ts';
import { createDeployments } from './deployments/deployments.ts';
import type { Deployments } from './deployments/types.ts';
import type { Directory } from './directory.ts';
import { EventLog } from './events/event-log.ts';
import { Idempotency } from './idempotency.ts';
import { createKeys } from './keys.ts';
import { listOwned, listReservations, listSessions, listTenanted } from './listing.ts';
import { getSession, readRoute } from './lookup.ts';
import { Memories } from './memory.ts';
import { NodeTable } from './node-table.ts';
import { beat, leave, readLeases, readNodes, setCordoned } from './nodes.ts';
import { countFenced, type RegistryObserver } from './observer.ts';
import { type ReserveReply, type ReserveRequest, reserve } from './placement/reserve.ts';
import { ProbeStore } from './probes/probes.ts';
import { type AvailabilityListener, RedisConnection } from './redis/connection.ts';
import { ScriptRunner } from './redis/script-runner.ts';
import { type HintListener, HintSubscriber, publishCommand } from './redis/subscriber.ts';
import { RedisClock } from './redis-clock.ts';
import { SeriesStore } from './series/series.ts';
import { claim, reassert, release, updateSessions } from './sessions.ts';
import { SettingsStore } from './settings/store.ts';
import { SignOuts } from './sign-outs/sign-outs.ts';
import { Sli } from './sli/sli.ts';
import { readStatus } from './status.ts';
import { type SweepOptions, type SweepResult, sweep } from './sweep.ts';
import { countSessions } from './tenant-counts.ts';
import type {
  Beat,
  BeatReply,
  ClaimReply,
  NodeBoot,
  NodeView,
  OwnedPage,
  ReassertOutcome,
  RegistryStatus,
  Reservation,
  Route,
  SessionClaim,
  SessionFilter,
  SessionPage,
  SessionReassert,
  SessionRelease,
  SessionUpdate,
  SessionView,
  TenantedPage,
  UpdateOutcome,
} from './types.ts';

/** A node beats this often … */
export const BEAT_EVERY_MS = 2_000;
/** … and is dead once it missed two beats and the third is late. */
export const LEASE_MS = 6_000;
const COMMAND_TIMEOUT_MS = 1_000;
/** A data set is believed to be whole when it is this old: two beats, so that everybody has been heard … */
const NEW_MS = 2_500;
/** … and this, if data was lost: who was cut off has had the time to come back. */
const LOST_MS = 5_000;

export interface RegistryOptions {
  /** `redis://`, `rediss://` or `unix://`, with user and password if need be. */
  readonly url: string;
  /** Hash tag of all keys; default `culvert`. */
  readonly prefix?: string;
  readonly logger: Logger;
  /** Of sessions, only hints about those that this worker (its id) has, or had before; default: about all sessions. */
  readonly hintsOf?: string;
  /** Deadline of each command, ms; default 1000. */
  readonly commandTimeoutMs?: number;
  /** Life of a lease after a beat, ms; default LEASE_MS. Shorter only in tests. */
  readonly leaseMs?: number;
  /** How old a data set is before "not there" means absent, ms; shorter only in tests. */
  readonly newMs?: number;
  readonly lostMs?: number;
  readonly clock?: Clock;
  readonly observer?: RegistryObserver;
}

/**
 * The directory of nodes and sessions, the settings, and the hints about both; one per process.
 *
 * Unless said otherwise, methods reject with `registry_unavailable` while Redis is away, unfit or silent: at once if
 * that is known, after `commandTimeoutMs` if not.
 */
export class Registry implements AsyncDisposable {
  readonly settings: SettingsStore;
  readonly idempotency: Idempotency;
  readonly events: EventLog;
  /** What the deploy worker and the API keep of deployments. */
  readonly deployments: Deployments;
  /** Rehearsals of failures. */
  readonly chaos: ChaosRuns;
  /** What service-level indicators are made of. */
  readonly sli: Sli;
  /** Samples of the cluster and its nodes, for charts. */
  readonly series: SeriesStore;
  /** What the cluster's own probes found. */
  readonly probes: ProbeStore;
  /** Sign-ins of browsers that were ended before their time. */
  readonly signOuts: SignOuts;
  readonly #directory: Directory;
  readonly #hints: HintSubscriber;
  readonly #observer: RegistryObserver | undefined;

  /** Returns at once and connects in the background, for ever. Throws `config_invalid` for a malformed URL or prefix. */
  static connect(options: RegistryOptions): Registry {
    const registry = new Registry(options);
    registry.#directory.connection.open();
    registry.#hints.open();
    return registry;
  }

  private constructor(options: RegistryOptions) {
    const { url, logger, commandTimeoutMs = COMMAND_TIMEOUT_MS, leaseMs = LEASE_MS } = options;
    const { newMs = NEW_MS, lostMs = LOST_MS } = options;
    const keys = createKeys(options.prefix);
    const clock = new RedisClock(options.clock ?? systemClock);
    const { observer } = options;
    const connection = new RedisConnection({ url, commandTimeoutMs, probeKey: keys.probe, clock, logger, observer });
    this.#observer = observer;
    const { address } = connection;
    const publish = publishCommand(address.form);
    const scripts = new ScriptRunner({ connection, clock, commandTimeoutMs, channel: keys.hints, publish });
    this.settings = new SettingsStore(scripts, keys, logger);
    this.idempotency = new Idempotency(scripts, keys);
    this.events = new EventLog({ connection, scripts, key: keys.events, commandTimeoutMs, logger });
    const { hintsOf } = options;
    const sessions = hintsOf === undefined ? keys.sessionHints : keys.ownerHints(hintsOf);
    this.#hints = new HintSubscriber(address, [keys.hints, sessions], commandTimeoutMs, logger);
    const settingsRevision = (): number => this.settings.revision;
    const memories = new Memories();
    const table = new NodeTable(() => readLeases(this.#directory), clock);
    this.#directory = {
      ...{ connection, scripts, keys, clock, memories, table, settingsRevision, logger },
      ...{ leaseMs, newMs, lostMs },
    };
    this.deployments = createDeployments(this.#directory);
    this.chaos = new ChaosRuns(this.#directory);
    this.sli = new Sli(this.#directory);
    this.series = new SeriesStore(this.#directory);
    this.probes = new ProbeStore(this.#directory);
    this.signOuts = new SignOuts(scripts, keys);
    connection.onAvailability((up) => up && this.#refreshSettings());
    this.#hints.on((hint) => {
      if (hint.kind === 'node') table.doubt();
      if (hint.kind === 'silent' || hint.kind === 'reset') table.hearing = hint.kind === 'reset';
      if (hint.kind === 'settings' && hint.revision !== this.settings.revision) this.#refreshSettings();
    });
  }

  /** Is Redis connected, fit and answering? */
  get available(): boolean {
    return this.#directory.connection.up;
  }

  /** Why it is not available, in plain words and without secrets; undefined while it is. */
  get unavailableReason(): string | undefined {
    return this.available ? undefined : this.#directory.connection.reason;
  }

  /** Are hints being received? Without them, what is remembered has to be looked up again. */
  get hearing(): boolean {
    return this.#hints.live;
  }

  /** Redis's clock, ms since the Unix epoch, estimated from its last answer; undefined before this server gave one. */
  redisNow(): number | undefined {
    return this.#directory.clock.now();
  }

  /** Called at each change, and when the reason for being away changes. Returns what removes the listener. */
  onAvailability(listener: AvailabilityListener): () => void {
    return this.#directory.connection.onAvailability(listener);
  }

  /** Resolves once Redis can be used; rejects with `registry_unavailable` and the reason when the signal is aborted. */
  waitUntilAvailable(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        if (!this.available && !signal?.aborted) return;
        unsubscribe();
        signal?.removeEventListener('abort', settle);
        if (this.available) resolve();
        else reject(new CulvertError('registry_unavailable', `Redis cannot be used: ${this.unavailableReason}`));
      };
      const unsubscribe = this.onAvailability(settle);
      signal?.addEventListener('abort', settle);
      settle();
    });
  }

  /** Ends both connections; what is in flight is rejected. */
  async close(): Promise<void> {
    await this.events.close();
    await Promise.all([this.#directory.connection.close(), this.#hints.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Renews the node's lease. The first beat of a boot ends every older boot of the same id. */
  async beat(told: Beat): Promise<BeatReply> {
    const reply = await beat(this.#directory, told);
    if (reply.outcome === 'ok' && reply.settingsRevision !== this.settings.revision) this.#refreshSettings();
    return reply;
  }

  /** Ends a boot in order: its sessions are vacant at once, a late beat does not revive it. */
  leave(node: NodeBoot): Promise<void> {
    return leave(this.#directory, node);
  }

  listNodes(): Promise<NodeView[]> {
    return readNodes(this.#directory);
  }

  async getNode(id: string): Promise<NodeView | undefined> {
    const [node] = await readNodes(this.#directory, id);
    return node;
  }

  /** A node as this process's own table has it, by which it looks routes up. undefined: it knows none of this id. */
  believedNode(id: string): Promise<NodeView | undefined> {
    return this.#directory.table.believed(id);
  }

  /**
   * In force for claims at once; the node hears of it with its next beat. undefined: no such node. With the fence of a deploy
   * lease: rejects with `fenced` when that lease has lapsed or is another's.
   */
  setCordoned(id: string, cordoned: boolean, options: { fence?: number } = {}): Promise<NodeView | undefined> {
    return setCordoned(this.#directory, id, cordoned, options.fence);
  }

  /** Takes a session for a node whose agent was authenticated. A claim that arrives past its deadline does nothing. */
  async claim(request: SessionClaim): Promise<ClaimReply> {
    const reply = await claim(this.#directory, request);
    countFenced(this.#observer, reply.outcome === 'refused' ? [reply.reason] : []);
    return reply;
  }

  /** Absolute numbers of sessions that this boot owns. */
  async updateSessions(node: NodeBoot, updates: readonly SessionUpdate[]): Promise<Map<string, UpdateOutcome>> {
    const outcomes = await updateSessions(this.#directory, node, updates);
    countFenced(this.#observer, outcomes.values());
    return outcomes;
  }

  /** Keeps a place for a session on one of some workers, for a while; see placement.ts. */
  reserve(request: ReserveRequest): Promise<ReserveReply> {
    return reserve(this.#directory, request);
  }

  async release(request: SessionRelease): Promise<'released' | 'fenced' | 'absent'> {
    const outcome = await release(this.#directory, request);
    countFenced(this.#observer, [outcome]);
    return outcome;
  }

  /** After a beat that says that they are missing: tells which sessions this boot holds. Rejects with `fenced` if the boot has no lease. */
  async reassert(node: NodeBoot, sessions: readonly SessionReassert[]): Promise<Map<string, ReassertOutcome>> {
    const outcomes = await reassert(this.#directory, node, sessions);
    countFenced(this.#observer, outcomes.values());
    return outcomes;
  }

  /**
   * undefined: there is none. Rejects with `recovering` when it may only be missing; with `settled`, also when its owner is
   * gone and another may be missing.
   */
  getSession(id: string, options?: { settled?: boolean }): Promise<SessionView | undefined> {
    return getSession(this.#directory, id, options);
  }

  /** Nobody could serve it: its agent has left, or was lost by a worker that lives. Rejects as `getSession`. */
  async agentAway(id: string): Promise<boolean> {
    const session = await getSession(this.#directory, id);
    return session === undefined || (session.state === 'offline' && session.node !== null);
  }

  listSessions(filter: SessionFilter): Promise<SessionPage> {
    return listSessions(this.#directory, filter);
  }

  /** How many sessions the directory has of each of these tenants: what their limits go by. */
  countSessions(tenants: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return countSessions(this.#directory, tenants);
  }

  /** Ids of the sessions that the directory has under this boot, from `after` (`next` of the page before) on. */
  listOwned(node: NodeBoot, after?: string): Promise<OwnedPage> {
    return listOwned(this.#directory, node, after);
  }

  /** Members of the index by tenant, whether they have an entry or not; for who verifies the directory. */
  listTenanted(after?: string): Promise<TenantedPage> {
    return listTenanted(this.#directory, after);
  }

  /** Places that are kept on this worker, 10,000 at most. */
  listReservations(workerId: string): Promise<Reservation[]> {
    return listReservations(this.#directory, workerId);
  }

  /** What data set Redis holds, and whether it is whole. */
  status(): Promise<RegistryStatus> {
    return readStatus(this.#directory);
  }

  /**
   * Where the session is served now; undefined: nowhere. `verify`: what was answered last turned out to be wrong. Rejects with
   * `recovering` when it may only be missing.
   */
  route(sessionId: string, options?: { verify?: boolean }): Promise<Route | undefined> {
    return readRoute(this.#directory, sessionId, options);
  }

  /** Tells the history something that no other script does: `probe.*`, `chaos.*`. */
  async recordEvent(event: Readonly<Record<string, string>> & { readonly type: string }): Promise<void> {
    const { scripts, keys } = this.#directory;
    await scripts.run('record_event', [keys.events], { event: Object.entries(event).flat() });
  }

  /** Returns what removes the listener. */
  onHint(listener: HintListener): () => void {
    return this.#hints.on(listener);
  }

  /** Removes what dead boots left behind; bounded work, safe to call from several processes. About once a minute. */
  sweep(options?: SweepOptions): Promise<SweepResult> {
    return sweep(this.#directory, options);
  }

  /** In the background: what is known stays in force until newer settings are read, and the next beat tries again. */
  #refreshSettings(): void {
    this.settings.refresh().catch((error: unknown) => {
      const { code } = toCulvertError(error);
      const level = code === 'registry_unavailable' || code === 'shutting_down' ? 'debug' : 'error';
      this.#directory.logger[level]({ event: 'settings.refresh_failed', err: error }, 'the settings could not be read');
    });
  }
}
