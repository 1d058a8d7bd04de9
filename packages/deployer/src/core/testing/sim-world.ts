import type { DeploymentRequest } from '@culvert/contracts';
import type { Effect, EffectResult, Needs, Observation } from '../types.ts';
import { observation, T0 } from './fixtures.ts';
import { SimNode } from './sim-node.ts';

/** What a version does wrong. */
export type Fault = 'none' | 'no_start' | 'no_verify' | 'under_load' | 'mute';

const START_MS = 1_000;
const RESULT_MS = 600;
const BELIEF_MS = 120;
/** Sessions that leave a node in 50 ms. */
const PACE = 3;

/** A cluster in virtual time: it carries effects out as the real parts do, each once by its key. */
export class SimWorld {
  nowMs = T0;
  readonly nodes = new Map<string, SimNode>();
  readonly results = new Map<string, { readonly atMs: number; readonly result: EffectResult }>();
  readonly done = new Set<string>();
  readonly request: DeploymentRequest;
  fault: Fault = 'none';
  /** Busy sessions never leave by themselves, and nobody takes them. */
  stubborn = false;
  round = 'r1';
  recovering = false;
  windowOpen = true;
  rollout: unknown = null;
  ended: string[] = [];

  constructor(request: DeploymentRequest, count: number, sessions = 40) {
    this.request = request;
    for (let i = 1; i <= count; i += 1) {
      const node = new SimNode(`${request.role}-${i}`, '1.0.0', request.role, false, T0 - 60_000);
      if (request.role === 'worker') Object.assign(node, { idle: sessions - 5, busy: 5 });
      this.nodes.set(node.id, node);
    }
    if (request.role !== 'gateway') this.nodes.set('gw', new SimNode('gw', '1.0.0', 'gateway', false, T0 - 60_000));
  }

  ofRole(): SimNode[] {
    return [...this.nodes.values()].filter(({ role }) => role === this.request.role);
  }

  serving(): SimNode[] {
    return this.ofRole().filter((node) => node.serves(this.nowMs));
  }

  kill(id: string): void {
    const node = this.nodes.get(id);
    if (node?.isUp(this.nowMs) !== true) return;
    node.alive = false;
    node.exit = 'killed';
    this.#spread(node, node.idle, node.busy);
    Object.assign(node, { idle: 0, busy: 0 });
  }

  apply(effect: Effect): void {
    const node = 'node' in effect ? this.nodes.get(effect.node) : undefined;
    switch (effect.kind) {
      case 'launch':
        if (node === undefined) this.#launch(effect);
        return;
      case 'cordon':
        if (node?.isUp(this.nowMs)) node.setCordoned(effect.on, this.nowMs);
        return;
      case 'drain':
        if (node?.isUp(this.nowMs) && node.cordoned) node.order(effect.stage, effect.key);
        return;
      case 'retire':
        if (node?.isUp(this.nowMs)) node.retired = true;
        return;
      case 'terminate':
        if (node !== undefined && node.endsAtMs === null) node.endsAtMs = this.nowMs + 300;
        return;
      case 'rollout':
        this.rollout = effect.rollout;
        return;
      default:
        this.#answer(effect);
    }
  }

  #launch({ node: id, version, cordoned }: Extract<Effect, { kind: 'launch' }>): void {
    const node = new SimNode(id, version, this.request.role, cordoned, this.nowMs + START_MS);
    if (version === this.request.version && this.fault === 'no_start') node.exit = 'exit code 1: no such flag';
    this.nodes.set(id, node);
  }

  #answer(effect: Effect): void {
    if (this.results.has(effect.key)) return;
    const version = 'node' in effect ? this.nodes.get(effect.node)?.version : undefined;
    const isBad = version === this.request.version && this.fault === 'no_verify' && effect.kind === 'verify';
    const facts = effect.kind === 'probe' ? { asked: 4, failed: 0, p50Ms: 3 } : {};
    const result = { ok: !isBad, detail: isBad ? 'CONNECT: 502' : 'ok', facts, atMs: this.nowMs, tookMs: RESULT_MS };
    this.results.set(effect.key, { atMs: this.nowMs + RESULT_MS, result });
  }

  /** A moment of the world's life; 50 ms, unless nothing is awaited. */
  step(ms = 50): void {
    this.nowMs += ms;
    for (const node of this.nodes.values()) {
      if (node.endsAtMs !== null && this.nowMs >= node.endsAtMs && node.alive) {
        this.#spread(node, node.idle, node.busy);
        Object.assign(node, { alive: false, exit: node.exit ?? 'exit code 0', idle: 0, busy: 0 });
        this.ended.push(node.id);
      }
      if (node.isUp(this.nowMs)) this.#drain(node);
    }
  }

  #drain(node: SimNode): void {
    if (node.retired && node.busy > 0) node.busy -= 1;
    if (node.stage === null || node.stage === 'announce') return;
    const idle = Math.min(PACE, node.idle);
    const isForced = node.stage === 'force';
    const goes = (node.stage === 'busy' && !this.stubborn && node.idle === 0) || isForced;
    const busy = goes ? Math.min(isForced ? node.busy : 1, node.busy) : 0;
    if (!isForced && this.serving().length === 0) return;
    node.idle -= idle;
    node.busy -= busy;
    this.#spread(node, idle, busy);
  }

  #spread(from: SimNode, idle: number, busy: number): void {
    const targets = this.serving().filter((node) => node !== from);
    const target = targets.toSorted((a, b) => a.sessions - b.sessions)[0];
    if (target === undefined) return;
    target.idle += idle;
    target.busy += busy;
  }

  observe(needs: Needs, more: Partial<Observation>): Observation {
    const up = [...this.nodes.values()].filter((node) => node.alive || this.nowMs - (node.endsAtMs ?? 0) < 2_000);
    const ids = <T>(list: readonly string[], make: (node: SimNode) => T): Record<string, T> =>
      Object.fromEntries(
        list.flatMap((id) => {
          const node = this.nodes.get(id);
          return node?.isUp(this.nowMs) ? [[id, make(node)]] : [];
        }),
      );
    const results = [...this.results]
      .filter(([, { atMs }]) => this.nowMs >= atMs)
      .map(([key, { result }]) => [key, result]);
    const believes = (node: SimNode) => (this.nowMs - node.changedAtMs >= BELIEF_MS ? node.cordoned : !node.cordoned);
    const edges = [...this.nodes.values()].filter((node) => node.role !== 'worker' && node.isUp(this.nowMs));
    const bad = this.fault === 'under_load' ? 10 : 0;
    const quiet = observation().cohorts;
    return observation({
      nodes: up
        .filter((node) => this.nowMs >= node.startsAtMs && node.exit !== 'exit code 0')
        .map((node) => node.view(this.nowMs)),
      ...{ recovering: this.recovering, round: this.round },
      provided: [...this.nodes.values()].map(({ id, role, version, alive, exit }) => ({
        ...{
          id,
          role,
          version,
          exit,
          pid: 1,
          state: alive && exit === null ? ('running' as const) : ('exited' as const),
        },
      })),
      health: ids(needs.health, (node) => ({ ready: node.sessions >= 0, unreachable: false, reasons: [] })),
      drains: ids(needs.drains, (node) => node.report()),
      beliefs: ids(needs.beliefs, (node) =>
        edges.map(({ id, role }) => ({ node: id, role, cordoned: believes(node) })),
      ),
      empty: ids(needs.empty, (node) => ({
        worker: { ready: node.sessions === 0, sessions: node.sessions, connections: node.busy, bufferedBytes: 0 },
        registry: { owned: node.sessions, reserved: 0 },
        gateways: { streams: node.busy, asked: edges.length },
      })),
      cohorts:
        needs.cohorts === null
          ? quiet
          : {
              old: { ...quiet.old, nodes: needs.cohorts.old.length, asked: 100, opened: 100 },
              new: {
                ...{ ...quiet.new, asked: 40, opened: 40 - bad, failed: bad },
                nodes: Object.keys(ids(needs.cohorts.new, () => 1)).length,
              },
            },
      results: Object.fromEntries(results),
      window: { open: this.windowOpen, opensAtMs: this.windowOpen ? null : this.nowMs + 60_000, closesAtMs: null },
      ...(needs.sessions ? { sessions: [] } : {}),
      ...more,
    });
  }
}
