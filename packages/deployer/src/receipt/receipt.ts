import { CANARY_TENANT, type Receipt, type ReceiptSession } from '@culvert/contracts';
import { type ClusterSecret, signReceipt } from '@culvert/service';
import type { CoreState } from '../core/types.ts';
import { type Hop, hopsOf } from './hops.ts';

export type UnsignedReceipt = Omit<Receipt, 'signature'>;

/** Makes receipts that `verifyReceipt` knows to be this cluster's. */
export function receiptMaker(secret: ClusterSecret) {
  return (state: CoreState, touched: ReadonlyMap<string, unknown>, nowMs: number): Receipt =>
    signReceipt(secret, buildReceipt(state, touched, nowMs));
}

/** What became of every session that a deployment touched. `nowMs`: its end, if the state does not tell one. */
export function buildReceipt(state: CoreState, touched: ReadonlyMap<string, unknown>, nowMs: number): UnsignedReceipt {
  const { id, request, units } = state;
  const { role, pool, strategy, policy } = request;
  const nodes = units.map(({ old, replacement, state }) => ({ id: old.id, replacement, state }));
  const own = nodes.flatMap((node) => (node.replacement === null ? [node.id] : [node.id, node.replacement]));
  const hops = hopsOf(touched, new Set(own)).filter((hop) => isTouched(hop) && !isOwn(hop));
  const sessions = hops.map(sessionOf).sort((one, other) => order(one.at, other.at) || order(one.id, other.id));
  return {
    ...{ id, version: request.version, role, pool, strategy, policy, state: state.state },
    startedAt: new Date(state.startedAtMs ?? state.createdAtMs).toISOString(),
    finishedAt: new Date(state.finishedAtMs ?? nowMs).toISOString(),
    nodes,
    totals: totalsOf(sessions, hops),
    sessions,
  };
}

/** A session that stayed where it was, with all that it had, was not. */
function isTouched({ drained, records }: Hop): boolean {
  return records.length > 0 || drained === undefined || drained.outcome !== null;
}

/** The cluster's own, by which it probes itself: nobody asks what became of those. */
function isOwn({ drained }: Hop): boolean {
  return drained?.tenant === CANARY_TENANT;
}

function sessionOf(hop: Hop): ReceiptSession {
  const { drained, records, session, from } = hop;
  const { resumed, lost } = endsOf(hop);
  const last = records.at(-1);
  return {
    id: session,
    // Of what only the edges tell, they do not know whose it is.
    tenant: drained?.tenant ?? '',
    name: drained?.name ?? null,
    from,
    to: drained?.to ?? last?.to ?? null,
    outcome: drained?.outcome ?? (resumed > 0 ? 'moved' : 'ended'),
    gapMs: records.length === 0 ? null : Math.max(...records.map(({ gapMs }) => gapMs)),
    bytesReplayed: sum(records, ({ replayedBytes }) => replayedBytes),
    // The worker sees a connection go; whether it came through, its edge knows.
    connectionsMoved: Math.max((drained?.connectionsMoved ?? 0) - lost, resumed),
    connectionsFinished: drained?.connectionsFinished ?? 0,
    connectionsLost: (drained?.connectionsLost ?? 0) + lost,
    at: drained?.at ?? last?.at ?? new Date(0).toISOString(),
  };
}

/** How many connections came through, and how many did not: each by the last that was heard of it. */
function endsOf({ records }: Hop): { readonly resumed: number; readonly lost: number } {
  const last = new Map(records.map(({ connection, outcome }) => [connection, outcome]));
  const lost = [...last.values()].filter((outcome) => outcome === 'lost').length;
  return { resumed: last.size - lost, lost };
}

function totalsOf(sessions: readonly ReceiptSession[], hops: readonly Hop[]): Receipt['totals'] {
  const distinct = (some: readonly ReceiptSession[]): number => new Set(some.map(({ id }) => id)).size;
  const resumed = hops.flatMap(({ records }) => records.filter(({ outcome }) => outcome === 'resumed'));
  const gaps = resumed.map(({ gapMs }) => gapMs).sort((one, other) => one - other);
  return {
    sessions: distinct(sessions),
    movedSessions: distinct(sessions.filter(({ outcome }) => outcome === 'moved')),
    closedIdle: distinct(sessions.filter(({ outcome }) => outcome === 'closed_idle')),
    connectionsMoved: sum(sessions, ({ connectionsMoved }) => connectionsMoved),
    connectionsFinished: sum(sessions, ({ connectionsFinished }) => connectionsFinished),
    connectionsLost: sum(sessions, ({ connectionsLost }) => connectionsLost),
    bytesReplayed: sum(sessions, ({ bytesReplayed }) => bytesReplayed),
    gapMs: { p50: percentile(gaps, 0.5), p99: percentile(gaps, 0.99), max: gaps.at(-1) ?? 0 },
  };
}

/** Nearest rank; 0 of nothing. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
