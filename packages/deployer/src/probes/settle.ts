import type { ErrorCode } from '@culvert/base';
import type { ProbeCheck, ProbedNode, ProbedWay, ProbeFailure, ProbeReport } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { isProbed } from './plan.ts';

/** One failure may have a reason of its own. */
const DOWN_AFTER = 2;
/** A node that died is told of for so long; then it is no news that it is not there. ms. */
const DEAD_TOLD_MS = 300_000;
/** Ways that are remembered; a large cluster has more pairs than anybody reads. */
const MAX_WAYS = 2_000;

export interface Failure {
  readonly check: ProbeCheck;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What came of one way. */
export interface WayResult {
  readonly gateway: string | null;
  readonly worker: string;
  readonly ms: ProbedWay['ms'];
  readonly failure: Failure | undefined;
}

/** What one round found out. */
export interface RoundResult {
  readonly nowMs: number;
  readonly everyMs: number;
  /** Workers on which there is no session to probe with, and why. */
  readonly sessions: ReadonlyMap<string, Failure>;
  readonly ways: readonly WayResult[];
  /** All nodes, as the round began. */
  readonly nodes: readonly NodeView[];
}

/** What the next round needs of the last one, beside what people are told. */
export interface KeptReport extends ProbeReport {
  /** Number of the round. */
  readonly round: number;
  /** When a large body was sent last, ms since the Unix epoch. */
  readonly bodyAtMs: number;
}

/** A node has turned red, or is well again. */
export type ProbeChange =
  | { readonly type: 'probe.failed'; readonly node: ProbedNode; readonly failure: ProbeFailure }
  | { readonly type: 'probe.recovered'; readonly node: ProbedNode; readonly downMs: number };

/** What is known after a round, and what has changed by it. A pure function. */
export function settle(
  before: Pick<ProbeReport, 'nodes' | 'ways'> | undefined,
  result: RoundResult,
): { nodes: ProbedNode[]; ways: ProbedWay[]; changes: ProbeChange[] } {
  const known = new Map(before?.nodes.map((node) => [node.id, node]));
  const changes: ProbeChange[] = [];
  const nodes: ProbedNode[] = [];
  for (const view of result.nodes) {
    const earlier = known.get(view.id);
    const next = isProbed(view) ? follow(view, earlier, result) : mourn(view, earlier, result);
    if (next === undefined) continue;
    nodes.push(next);
    const change = changeOf(earlier, next, result.nowMs);
    if (change !== undefined) changes.push(change);
  }
  return { nodes, ways: waysAfter(before?.ways ?? [], result), changes };
}

/** One that was probed. Undefined: nothing is known of it yet. */
function follow({ id, role }: NodeView, earlier: ProbedNode | undefined, result: RoundResult): ProbedNode | undefined {
  const found = role === 'worker' ? verdictOnWorker(id, result) : verdictOnGateway(id, result);
  if (found === 'unknown' || (role !== 'worker' && role !== 'gateway')) return earlier;
  return nextOf({ id, role }, earlier, found, result.nowMs);
}

/** One that died while it was looked after; one that left, or was taken out of service, is forgotten. */
function mourn(view: NodeView, earlier: ProbedNode | undefined, { nowMs }: RoundResult): ProbedNode | undefined {
  const toldForMs = earlier?.state === 'down' ? nowMs - Date.parse(earlier.since) : 0;
  if (view.state !== 'dead' || view.cordoned || earlier === undefined || toldForMs > DEAD_TOLD_MS) return undefined;
  const check = earlier.role === 'worker' ? 'session' : 'http';
  const failure: Failure = { check, code: 'node_unreachable', message: 'its lease is over: it died, or is cut off' };
  return nextOf(earlier, earlier, failure, nowMs);
}

function nextOf(
  { id, role }: Pick<ProbedNode, 'id' | 'role'>,
  earlier: ProbedNode | undefined,
  found: Failure | 'well',
  nowMs: number,
): ProbedNode {
  const now = iso(nowMs);
  const failures = found === 'well' ? 0 : (earlier?.failures ?? 0) + 1;
  const lastFailure = found === 'well' ? (earlier?.lastFailure ?? null) : { ...found, at: now };
  const stays = earlier?.state === 'down' && found !== 'well';
  const state = stays || failures >= DOWN_AFTER ? 'down' : 'up';
  return { id, role, state, failures, since: earlier?.state === state ? earlier.since : now, lastFailure };
}

/** A worker is judged by its session, and by its own address: nothing else lies on that way. */
function verdictOnWorker(id: string, { sessions, ways }: RoundResult): Failure | 'well' | 'unknown' {
  const noSession = sessions.get(id);
  if (noSession !== undefined) return noSession;
  const direct = ways.find((way) => way.worker === id && way.gateway === null);
  if (direct === undefined) return 'unknown';
  return direct.failure ?? 'well';
}

/** A gateway is judged by the ways to workers that are well themselves. */
function verdictOnGateway(id: string, result: RoundResult): Failure | 'well' | 'unknown' {
  const fair = result.ways.filter(
    ({ gateway, worker }) => gateway === id && verdictOnWorker(worker, result) === 'well',
  );
  if (fair.length === 0) return 'unknown';
  return fair.find(({ failure }) => failure !== undefined)?.failure ?? 'well';
}

function changeOf(earlier: ProbedNode | undefined, node: ProbedNode, nowMs: number): ProbeChange | undefined {
  const before = earlier?.state ?? 'up';
  if (before === node.state) return undefined;
  if (node.state === 'up') {
    return { type: 'probe.recovered', node, downMs: nowMs - Date.parse(earlier?.since ?? iso(nowMs)) };
  }
  return node.lastFailure === null ? undefined : { type: 'probe.failed', node, failure: node.lastFailure };
}

/** Those of this round in place of the earlier ones; ways of nodes that are not probed any more are forgotten. */
function waysAfter(before: readonly ProbedWay[], { ways, nodes, nowMs }: RoundResult): ProbedWay[] {
  const probed = new Set(nodes.filter(isProbed).map(({ id }) => id));
  const at = iso(nowMs);
  const all = new Map<string, ProbedWay>();
  for (const way of before) {
    if (probed.has(way.worker) && (way.gateway === null || probed.has(way.gateway))) all.set(keyOf(way), way);
  }
  for (const { gateway, worker, ms, failure } of ways) {
    const way = { gateway, worker, at, ms, failure: failure === undefined ? null : { ...failure, at } };
    all.delete(keyOf(way));
    all.set(keyOf(way), way);
  }
  return [...all.values()].slice(-MAX_WAYS);
}

function keyOf({ gateway, worker }: Pick<ProbedWay, 'gateway' | 'worker'>): string {
  return `${gateway ?? ''} ${worker}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
