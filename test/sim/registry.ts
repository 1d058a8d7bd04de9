import { CulvertError } from '@culvert/base';
import type {
  BeatReply,
  ClaimReply,
  Hint,
  NodeBoot,
  NodeInfo,
  NodeLoad,
  NodeView,
  ReassertOutcome,
  Route,
  SessionClaim,
  SessionReassert,
  SessionRelease,
  SessionState,
  SessionUpdate,
  UpdateOutcome,
} from '@culvert/registry';
import { between, type Random } from './random.ts';
import { RegistryClient } from './registry-client.ts';
import { EPOCH_MS, type SimProcess } from './sim-process.ts';
import type { Timeline } from './timeline.ts';

/** As the real one: see packages/registry/src/registry.ts and generation.ts. */
const LEASE_MS = 6_000;
const COMMAND_TIMEOUT_MS = 1_000;
const REBUILD_MS = 15_000;

interface Entry {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly name: string | null;
  readonly node: NodeBoot;
  readonly epoch: number;
  readonly agentId: string;
  readonly connectedAtMs: number;
  state: SessionState;
}

interface Node {
  readonly info: NodeInfo;
  readonly load: NodeLoad;
  readonly beatAtMs: number;
}

/** Who hears of what happens in the registry; the invariants do. */
export interface RegistryObserver {
  claimed(sessionId: string, epoch: number, node: NodeBoot): void;
}

const refOf = ({ id, boot }: NodeBoot): string => `${id}#${boot}`;

/**
 * A model of the registry: what the Lua scripts do, in virtual time. Commands arrive late, replies get lost, hints may be
 * lost, all of it may be away, or lose its data.
 */
export class SimRegistry {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #observer: RegistryObserver;
  readonly #leases = new Map<string, number>();
  readonly #nodes = new Map<string, Node>();
  readonly #entries = new Map<string, Entry>();
  readonly #clients = new Set<RegistryClient>();
  /** Busy: answers come late, some beyond the caller's deadline. */
  slow = false;
  #away: 'refusing' | 'silent' | undefined;
  #lostAtMs = Number.NEGATIVE_INFINITY;

  constructor(timeline: Timeline, random: Random, observer: RegistryObserver) {
    this.#timeline = timeline;
    this.#random = random;
    this.#observer = observer;
  }

  client(process: SimProcess): RegistryClient {
    const client = new RegistryClient(this, process);
    this.#clients.add(client);
    process.onDeath(() => this.#clients.delete(client));
    return client;
  }

  /** `silent`: nothing is refused, nothing answered; commands run into their deadline. */
  goAway(how: 'refusing' | 'silent'): void {
    this.#away = how;
    for (const client of this.#clients) client.availability(false);
  }

  comeBack(): void {
    this.#away = undefined;
    for (const client of this.#clients) {
      client.availability(true);
      client.hear({ kind: 'reset' });
    }
  }

  /** Its data is gone; `restarted`: its connections, too. */
  loseData(restarted: boolean): void {
    this.#leases.clear();
    this.#nodes.clear();
    this.#entries.clear();
    this.#lostAtMs = this.#timeline.nowMs;
    if (restarted) for (const client of this.#clients) client.hear({ kind: 'reset' });
  }

  get away(): boolean {
    return this.#away !== undefined;
  }

  /** As the API reads it; undefined: there is none. @throws CulvertError registry_unavailable, while that is not known */
  session(
    sessionId: string,
  ): { agentId: string; epoch: number; owner: string | undefined; offline: boolean } | undefined {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined) {
      this.#assertKnown();
      return undefined;
    }
    const { agentId, epoch, node, state } = entry;
    const owner = this.#lives(node) ? node.id : undefined;
    return { agentId, epoch, owner, offline: owner === undefined || state === 'offline' };
  }

  /** Whether sessions are placed on a node now. */
  isReady(id: string): boolean {
    const node = this.#nodes.get(id);
    return node !== undefined && node.load.state === 'ready' && this.#lives(node.info);
  }

  /** @internal A command of `process`: there, done, and back, or not. */
  command<T>(process: SimProcess, isolated: boolean, run: (late: () => void) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const unavailable = (why: string): CulvertError => new CulvertError('registry_unavailable', why);
    if (this.#away === 'refusing') {
      process.after(0, () => reject(unavailable('the registry is away')));
      return promise;
    }
    const notAfterMs = this.#timeline.nowMs + COMMAND_TIMEOUT_MS;
    const cancelTimeout = process.after(COMMAND_TIMEOUT_MS, () => reject(unavailable('no answer')), true);
    if (isolated) return promise;
    this.#timeline.at(this.#timeline.nowMs + this.#latency(), () => {
      if (this.#away !== undefined) return;
      let outcome: { readonly value: T } | { readonly error: unknown };
      try {
        const late = (): void => {
          if (this.#timeline.nowMs > notAfterMs) throw unavailable('the command came too late');
        };
        outcome = { value: run(late) };
      } catch (error) {
        outcome = { error };
      }
      process.after(this.#latency(), () => {
        cancelTimeout();
        if ('value' in outcome) resolve(outcome.value);
        else reject(outcome.error);
      });
    });
    return promise;
  }

  #latency(): number {
    if (this.#random.chance(this.slow ? 0.5 : 0.01)) return between(this.#random, 20, this.slow ? 1_500 : 450);
    return between(this.#random, 0.2, 4);
  }

  #hint(hint: Hint): void {
    for (const client of this.#clients) {
      // A hint is lost with its subscription; once that is there again, the client is told so.
      if (this.#random.chance(0.03)) client.hearLater({ kind: 'reset' }, between(this.#random, 50, 3_000));
      else client.hearLater(hint, this.#latency());
    }
  }

  get #nowMs(): number {
    return EPOCH_MS + Math.floor(this.#timeline.nowMs);
  }

  #lives(node: NodeBoot): boolean {
    return (this.#leases.get(refOf(node)) ?? 0) > this.#nowMs;
  }

  // The scripts.

  /** @internal beat.lua */
  beat(info: NodeInfo, load: NodeLoad): BeatReply {
    const me = refOf(info);
    const deadline = this.#leases.get(me);
    const before = this.#nodes.get(info.id)?.info;
    if (deadline !== undefined && deadline <= this.#nowMs) {
      return { outcome: 'dead', replaced: before !== undefined && before.boot !== info.boot && this.#lives(before) };
    }
    if (before !== undefined && before.boot !== info.boot && this.#lives(before)) {
      this.#leases.set(refOf(before), this.#nowMs);
    }
    this.#nodes.set(info.id, { info, load, beatAtMs: this.#nowMs });
    this.#leases.set(me, this.#nowMs + LEASE_MS);
    const fresh = deadline === undefined;
    return { outcome: 'ok', fresh, cordoned: false, settingsRevision: 0, nowMs: this.#nowMs };
  }

  /** @internal leave.lua */
  leave(node: NodeBoot): void {
    const deadline = this.#leases.get(refOf(node));
    if (deadline === undefined || deadline > this.#nowMs) this.#leases.set(refOf(node), this.#nowMs);
    if (this.#nodes.get(node.id)?.info.boot === node.boot) this.#nodes.delete(node.id);
  }

  /** @internal claim.lua */
  claim(request: SessionClaim): ClaimReply {
    const node = this.#nodes.get(request.node.id);
    if (node === undefined || node.info.boot !== request.node.boot || !this.#lives(request.node)) {
      return { outcome: 'refused', reason: 'node_not_ready' };
    }
    if (node.load.state !== 'ready' && node.load.state !== 'suspect') {
      return { outcome: 'refused', reason: 'node_not_ready' };
    }
    const before = this.#entries.get(request.sessionId);
    if (before !== undefined && before.tenantId !== request.tenantId) return { outcome: 'refused', reason: 'fenced' };
    const { expectedEpoch } = request;
    if (
      before !== undefined &&
      expectedEpoch !== undefined &&
      expectedEpoch !== before.epoch &&
      this.#lives(before.node)
    ) {
      return { outcome: 'refused', reason: 'fenced' };
    }
    const epoch = Math.max(this.#nowMs * 1_000, (before?.epoch ?? 0) + 1, request.lastEpoch + 1);
    const { sessionId, tenantId, name, agentId } = request;
    const connectedAtMs = this.#nowMs;
    const { id, boot } = request.node;
    this.#entries.set(sessionId, {
      sessionId,
      tenantId,
      name,
      agentId,
      epoch,
      node: { id, boot },
      connectedAtMs,
      state: 'idle',
    });
    this.#observer.claimed(sessionId, epoch, { id, boot });
    this.#hint({ kind: 'session', sessionId, epoch, owner: id, agentId });
    const previous =
      before === undefined ? {} : { previous: { node: before.node.id, boot: before.node.boot, epoch: before.epoch } };
    return { outcome: 'claimed', epoch, connectedAtMs, ...previous };
  }

  /** @internal update.lua */
  update(node: NodeBoot, updates: readonly SessionUpdate[]): Map<string, UpdateOutcome> {
    const outcomes = new Map<string, UpdateOutcome>();
    for (const { sessionId, epoch, state } of updates) {
      const entry = this.#entries.get(sessionId);
      if ((entry?.epoch ?? 0) > epoch) outcomes.set(sessionId, 'fenced');
      else if (entry === undefined || entry.epoch !== epoch || refOf(entry.node) !== refOf(node)) {
        outcomes.set(sessionId, 'absent');
      } else {
        entry.state = state;
        outcomes.set(sessionId, 'ok');
      }
    }
    return outcomes;
  }

  /** @internal release.lua */
  release({ sessionId, node, epoch }: SessionRelease): 'released' | 'fenced' | 'absent' {
    const entry = this.#entries.get(sessionId);
    if ((entry?.epoch ?? 0) > epoch) return 'fenced';
    if (entry === undefined || entry.epoch !== epoch || entry.node.id !== node.id) return 'absent';
    this.#entries.delete(sessionId);
    this.#hint({ kind: 'session', sessionId, epoch, owner: null, agentId: null });
    return 'released';
  }

  /** @internal reassert.lua */
  reassert(node: NodeBoot, sessions: readonly SessionReassert[]): Map<string, ReassertOutcome> {
    if (this.#nodes.get(node.id)?.info.boot !== node.boot || !this.#lives(node)) {
      throw new CulvertError('fenced', 'this boot holds no lease; beat before reasserting');
    }
    const outcomes = new Map<string, ReassertOutcome>();
    for (const session of sessions) {
      const { sessionId, tenantId, epoch } = session;
      const before = this.#entries.get(sessionId);
      const stored = before?.epoch ?? 0;
      if (stored > epoch || (stored === epoch && before?.node.id !== node.id)) {
        outcomes.set(sessionId, 'fenced');
        continue;
      }
      const { name, agentId, connectedAtMs, state } = session;
      this.#entries.set(sessionId, {
        sessionId,
        tenantId,
        name,
        agentId,
        epoch,
        node: { ...node },
        connectedAtMs,
        state,
      });
      if (before !== undefined && stored < epoch) {
        this.#hint({ kind: 'session', sessionId, epoch, owner: node.id, agentId });
      }
      outcomes.set(sessionId, 'ok');
    }
    return outcomes;
  }

  /** @internal read.lua, and what the registry makes of it */
  route(sessionId: string): Route | undefined {
    const entry = this.#entries.get(sessionId);
    if (entry === undefined || entry.state === 'offline' || !this.#lives(entry.node)) {
      this.#assertKnown();
      return undefined;
    }
    const { tenantId, name, epoch, state, node } = entry;
    const known = this.#nodes.get(node.id)?.info;
    const { link, proxy } = known?.boot === node.boot ? known : {};
    return { sessionId, tenantId, name, epoch, state, node: { ...node, link, proxy } };
  }

  #assertKnown(): void {
    if (this.#timeline.nowMs - this.#lostAtMs >= REBUILD_MS) return;
    throw new CulvertError('registry_unavailable', 'the registry lost its data', { retryAfterSeconds: 2 });
  }

  /** @internal list_nodes.lua */
  listNodes(): NodeView[] {
    return [...this.#nodes.values()].map(({ info, load, beatAtMs }) => ({
      ...info,
      ...load,
      state: this.#lives(info) ? load.state : 'dead',
      cordoned: false,
      leaseAgeMs: this.#nowMs - beatAtMs,
    }));
  }
}
