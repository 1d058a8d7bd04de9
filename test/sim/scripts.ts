import { CulvertError } from '@culvert/base';
import type {
  Beat,
  BeatReply,
  ClaimReply,
  Hint,
  NodeBoot,
  NodeView,
  OwnedPage,
  ReassertOutcome,
  Route,
  SessionClaim,
  SessionReassert,
  SessionRelease,
  SessionUpdate,
  SessionView,
  UpdateOutcome,
} from '@culvert/registry';
import type { Stamp } from '../../packages/registry/src/memory.ts';
import type { ReserveReply, ReserveRequest } from '../../packages/registry/src/placement/reserve.ts';
import { DataSet, type Entry, refOf } from './data-set.ts';
import { roundOf, SILENCE_MS } from './rounds.ts';
import { EPOCH_MS } from './sim-process.ts';
import type { Timeline } from './timeline.ts';

/** As the real one: see packages/registry/src/registry.ts. */
const LEASE_MS = 6_000;

/** Who hears of what happens in the registry; the invariants do. */
export interface RegistryObserver {
  claimed(sessionId: string, epoch: number, node: NodeBoot): void;
}

/** What a boot is told of `missing` follows from these. */
export type BeatAnswer =
  | (Omit<Extract<BeatReply, { outcome: 'ok' }>, 'missing'> & { readonly watermark: number; readonly fresh: boolean })
  | Extract<BeatReply, { outcome: 'dead' }>;

/** `owners`: the workers whom it concerns. Who routes hears of all sessions. */
export type HintSender = (hint: Hint, owners: readonly (string | undefined)[]) => void;

/** What the Lua scripts do, on a data set of the simulation. */
export class Scripts {
  data = new DataSet();
  /** Another one after a restart or a failover. */
  server = 1;
  readonly #timeline: Timeline;
  readonly #observer: RegistryObserver;
  readonly #hint: HintSender;

  constructor(timeline: Timeline, observer: RegistryObserver, hint: HintSender) {
    this.#timeline = timeline;
    this.#observer = observer;
    this.#hint = hint;
  }

  /** beat.lua */
  beat({ node: info, load, confirmed }: Beat): BeatAnswer {
    const { leases, nodes, watermarks } = this.data;
    const nowMs = this.#nowMs;
    const me = refOf(info);
    const deadline = leases.get(me);
    const before = nodes.get(info.id)?.info;
    if (deadline !== undefined && deadline <= nowMs) {
      return { outcome: 'dead', replaced: before !== undefined && before.boot !== info.boot && this.#lives(before) };
    }
    if (before !== undefined && before.boot !== info.boot && this.#lives(before)) leases.set(refOf(before), nowMs);
    leases.set(me, nowMs + LEASE_MS);
    nodes.set(info.id, { info, load, beatAtMs: nowMs, confirmed });
    const round = roundOf(this.data, this.server, nowMs, confirmed);
    return {
      outcome: 'ok',
      fresh: deadline === undefined,
      watermark: watermarks.get(me) ?? 0,
      round: round.id,
      recovering: !round.whole,
      cordoned: false,
      settingsRevision: 0,
      nowMs,
    };
  }

  /** leave.lua */
  leave(node: NodeBoot): void {
    const { leases, nodes } = this.data;
    const deadline = leases.get(refOf(node));
    if (deadline === undefined || deadline > this.#nowMs) leases.set(refOf(node), this.#nowMs);
    if (nodes.get(node.id)?.info.boot === node.boot) nodes.delete(node.id);
  }

  /** reserve.lua, of whose slots there are always enough here */
  reserve({ candidates, pool }: ReserveRequest): ReserveReply {
    const ready = candidates.filter(({ id, boot }) => {
      const node = this.data.nodes.get(id);
      const same = node?.info.boot === boot && node.info.pool === pool;
      return same && node.load.state === 'ready' && this.#lives(node.info);
    });
    if (ready.length === 0) return { outcome: 'none' };
    const best = ready
      .map((boot) => ({ id: boot.id, free: (this.data.nodes.get(boot.id)?.info.capacity ?? 0) - this.#owned(boot) }))
      .filter(({ free }) => free > 0)
      .toSorted((a, b) => b.free - a.free)[0];
    return best === undefined ? { outcome: 'full' } : { outcome: 'reserved', node: best.id, delayMs: 0 };
  }

  /** claim.lua */
  claim(request: SessionClaim, stamp: Stamp): ClaimReply {
    const { nodes, entries } = this.data;
    const node = nodes.get(request.node.id);
    if (node === undefined || node.info.boot !== request.node.boot || !this.#lives(request.node)) {
      return { outcome: 'refused', reason: 'node_not_ready' };
    }
    if (node.load.state !== 'ready' && node.load.state !== 'suspect') {
      return { outcome: 'refused', reason: 'node_not_ready' };
    }
    const before = entries.get(request.sessionId);
    if (before !== undefined && before.tenantId !== request.tenantId) return { outcome: 'refused', reason: 'fenced' };
    const { expectedEpoch } = request;
    const expected = expectedEpoch === undefined || before === undefined || expectedEpoch === before.epoch;
    if (!expected && this.#lives(before.node)) return { outcome: 'refused', reason: 'fenced' };
    const epoch = Math.max(this.#nowMs * 1_000, (before?.epoch ?? 0) + 1, request.lastEpoch + 1);
    const { sessionId, tenantId, name, agentId } = request;
    const connectedAtMs = this.#nowMs;
    const { id, boot } = request.node;
    const about = { sessionId, tenantId, name, agentId, epoch, connectedAtMs };
    entries.set(sessionId, { ...about, node: { id, boot }, state: 'idle' });
    this.#mark(request.node, stamp);
    this.#observer.claimed(sessionId, epoch, { id, boot });
    this.#hint({ kind: 'session', sessionId, epoch, owner: id, agentId }, [id, before?.node.id]);
    const previous =
      before === undefined ? {} : { previous: { node: before.node.id, boot: before.node.boot, epoch: before.epoch } };
    return { outcome: 'claimed', epoch, connectedAtMs, ...previous };
  }

  /** update.lua */
  update(node: NodeBoot, updates: readonly SessionUpdate[], stamp: Stamp): Map<string, UpdateOutcome> {
    const { entries } = this.data;
    const outcomes = new Map<string, UpdateOutcome>();
    for (const { sessionId, epoch, state } of updates) {
      const entry = entries.get(sessionId);
      if ((entry?.epoch ?? 0) > epoch) outcomes.set(sessionId, 'fenced');
      else if (entry === undefined || entry.epoch !== epoch || refOf(entry.node) !== refOf(node)) {
        outcomes.set(sessionId, 'absent');
      } else {
        entries.set(sessionId, { ...entry, state });
        outcomes.set(sessionId, 'ok');
      }
    }
    this.#mark(node, stamp);
    return outcomes;
  }

  /** release.lua */
  release({ sessionId, node, epoch }: SessionRelease, stamp: Stamp): 'released' | 'fenced' | 'absent' {
    const { entries } = this.data;
    this.#mark(node, stamp);
    const entry = entries.get(sessionId);
    if ((entry?.epoch ?? 0) > epoch) return 'fenced';
    if (entry === undefined || (entry.epoch === epoch && entry.node.id !== node.id)) return 'absent';
    entries.delete(sessionId);
    this.#hint({ kind: 'session', sessionId, epoch: entry.epoch, owner: null, agentId: null }, [entry.node.id]);
    return 'released';
  }

  /** reassert.lua */
  reassert(node: NodeBoot, sessions: readonly SessionReassert[], stamp: Stamp): Map<string, ReassertOutcome> {
    const { nodes, entries } = this.data;
    if (nodes.get(node.id)?.info.boot !== node.boot || !this.#lives(node)) {
      throw new CulvertError('fenced', 'this boot holds no lease; beat before reasserting');
    }
    const outcomes = new Map<string, ReassertOutcome>();
    for (const { sessionId, tenantId, name, agentId, epoch, connectedAtMs, state } of sessions) {
      const before = entries.get(sessionId);
      const stored = before?.epoch ?? 0;
      if (stored > epoch || (stored === epoch && before?.node.id !== node.id)) {
        outcomes.set(sessionId, 'fenced');
        continue;
      }
      const { id, boot } = node;
      entries.set(sessionId, { sessionId, tenantId, name, agentId, epoch, node: { id, boot }, connectedAtMs, state });
      if (before !== undefined && stored < epoch) {
        this.#hint({ kind: 'session', sessionId, epoch, owner: node.id, agentId }, [node.id, before.node.id]);
      }
      outcomes.set(sessionId, 'ok');
    }
    this.#mark(node, stamp);
    return outcomes;
  }

  /** lookup.lua, for the whole entry. @throws CulvertError recovering, when it may only be missing */
  session(sessionId: string): (Entry & { readonly live: boolean }) | undefined {
    const entry = this.data.entries.get(sessionId);
    if (entry !== undefined) return { ...entry, live: this.#lives(entry.node) };
    this.#assertWhole();
    return undefined;
  }

  /** lookup.lua, for the owner. @throws CulvertError recovering, when it may only be missing */
  route(sessionId: string): Route | undefined {
    const entry = this.data.entries.get(sessionId);
    if (entry === undefined || !this.#lives(entry.node)) {
      this.#assertWhole();
      return undefined;
    }
    const { tenantId, name, epoch, state, node } = entry;
    if (state === 'offline') return undefined;
    const known = this.data.nodes.get(node.id)?.info;
    const { link, proxy } = known?.boot === node.boot ? known : {};
    return { sessionId, tenantId, name, epoch, state, node: { ...node, link, proxy } };
  }

  /** As `Registry.getSession`; what nobody here asks about is left out. */
  view(sessionId: string): Pick<SessionView, 'id' | 'epoch' | 'node' | 'boot'> | undefined {
    const entry = this.session(sessionId);
    if (entry === undefined) return undefined;
    const { epoch, node, live } = entry;
    return { id: sessionId, epoch, node: live ? node.id : null, boot: live ? node.boot : null };
  }

  listOwned(node: NodeBoot): OwnedPage {
    const owned = [...this.data.entries.values()].filter((entry) => refOf(entry.node) === refOf(node));
    return { ids: owned.map(({ sessionId }) => sessionId).sort(), next: null };
  }

  listNodes(): NodeView[] {
    return [...this.data.nodes.values()].map(({ info, load, beatAtMs }) => ({
      ...info,
      ...load,
      state: this.#lives(info) ? load.state : 'dead',
      cordoned: false,
      leaseAgeMs: this.#nowMs - beatAtMs,
    }));
  }

  /** `mark` of shared.lua: a later operation must not hide that one before it was lost. */
  #mark(node: NodeBoot, { seq, acked }: Stamp): void {
    const stored = this.data.watermarks.get(refOf(node)) ?? 0;
    if (stored >= acked && seq > stored) this.data.watermarks.set(refOf(node), seq);
  }

  #owned(node: NodeBoot): number {
    return this.listOwned(node).ids.length;
  }

  #assertWhole(): void {
    const { round } = this.data;
    const silent = round !== undefined && this.#nowMs - round.beatAtMs > SILENCE_MS;
    if (round?.whole && round.server === this.server && !silent) return;
    throw new CulvertError('recovering', undefined, { retryAfterSeconds: 2 });
  }

  get #nowMs(): number {
    return EPOCH_MS + Math.floor(this.#timeline.nowMs);
  }

  #lives(node: NodeBoot): boolean {
    return this.data.lives(node, this.#nowMs);
  }
}
