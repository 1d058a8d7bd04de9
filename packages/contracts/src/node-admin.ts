import { type Static, Type } from 'typebox';
import { Nullable, Timestamp } from './fields.ts';
import { DrainPolicy } from './nodes.ts';

/**
 * `POST /drain` on a worker. Who drains for a deployment says so, with its fence: an order of an older fence is refused with
 * `fenced`, one whose key was carried out already changes nothing.
 */
export const DrainOrder = Type.Object({
  policy: Type.Optional(DrainPolicy),
  /**
   * How far the drain may go; each includes those before it. `announce`: nothing new, agents are told. `idle`: sessions
   * without connections leave (policy move: sent elsewhere, closed if they don't go; wait: closed). `busy`: the others are
   * moved, or waited for. `force`: what is left is closed. Absent: `busy`.
   */
  stage: Type.Optional(
    Type.Union([Type.Literal('announce'), Type.Literal('idle'), Type.Literal('busy'), Type.Literal('force')]),
  ),
  deployment: Type.Optional(Type.String({ maxLength: 64 })),
  fence: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Names this order: deployment, node, step, attempt. */
  key: Type.Optional(Type.String({ maxLength: 200 })),
});
export type DrainOrder = Static<typeof DrainOrder>;

/** How one session left, or has not yet. */
export const DrainedSession = Type.Object({
  id: Type.String(),
  tenant: Type.String(),
  name: Nullable(Type.String()),
  outcome: Nullable(
    Type.Union([Type.Literal('moved'), Type.Literal('closed_idle'), Type.Literal('forced'), Type.Literal('ended')]),
  ),
  /** The worker that has it now, as far as this one knows. */
  to: Nullable(Type.String()),
  connectionsMoved: Type.Integer(),
  connectionsFinished: Type.Integer(),
  connectionsLost: Type.Integer(),
  at: Timestamp,
});
export type DrainedSession = Static<typeof DrainedSession>;

/** `GET /drain` on a worker. */
export const DrainReport = Type.Object({
  state: Type.Union([Type.Literal('off'), Type.Literal('draining'), Type.Literal('empty')]),
  stage: Nullable(Type.String()),
  policy: Nullable(DrainPolicy),
  deployment: Nullable(Type.String()),
  fence: Type.Integer({ description: 'The highest that was seen; 0: none.' }),
  /** Keys of the orders that were carried out, the last 100. */
  orders: Type.Array(Type.String()),
  idle: Type.Integer(),
  busy: Type.Integer(),
  connections: Type.Integer(),
  direct: Type.Integer(),
  longestMs: Type.Optional(
    Nullable(Type.Integer({ description: 'Age of the oldest connection; null: none. Earlier releases do not tell.' })),
  ),
  unmovable: Type.Optional(
    Type.Integer({
      description: 'Connections that cannot go on over another worker: an end of theirs does not resume.',
    }),
  ),
  /** Every session that was here since the drain began. */
  sessions: Type.Array(DrainedSession),
});
export type DrainReport = Static<typeof DrainReport>;

/** `GET /ready-to-terminate` on a worker. */
export const ReadyToTerminate = Type.Object({
  ready: Type.Boolean(),
  sessions: Type.Integer(),
  connections: Type.Integer(),
  bufferedBytes: Type.Integer(),
});
export type ReadyToTerminate = Static<typeof ReadyToTerminate>;

/** `GET /stats` on a worker: counted since its boot, never reset. The canary tenant's are not counted. */
export const NodeStats = Type.Object({
  /** Connections that an edge asked for. */
  asked: Type.Integer(),
  opened: Type.Integer(),
  /** Asked for and not opened for a reason of ours (not: the target refused, the agent's rules denied). */
  failed: Type.Integer(),
  /** Open ones that ended for a reason of ours. */
  lost: Type.Integer(),
  /** Milliseconds from the OPEN to its answer, of those that opened: how many took at most `le`. */
  setup: Type.Array(Type.Object({ le: Type.Number(), count: Type.Integer() })),
});
export type NodeStats = Static<typeof NodeStats>;

/** `GET /believed-nodes/:id` on a gateway or an API: what this process believes of a node now. */
export const BelievedNode = Type.Object({
  known: Type.Boolean(),
  boot: Nullable(Type.String()),
  state: Nullable(Type.String()),
  cordoned: Type.Boolean(),
});
export type BelievedNode = Static<typeof BelievedNode>;

/** `GET /links` on a gateway or a worker (its own address): streams to each worker, by its id. */
export const EdgeLinks = Type.Object({
  items: Type.Array(Type.Object({ node: Type.String(), streams: Type.Integer() })),
  /** Streams without a path now. */
  detached: Type.Integer(),
});
export type EdgeLinks = Static<typeof EdgeLinks>;

/** One connection that lost its path. */
export const ReattachRecord = Type.Object({
  seq: Type.Integer(),
  at: Timestamp,
  session: Type.String(),
  connection: Type.String(),
  /** Workers; null: not known. */
  from: Nullable(Type.String()),
  to: Nullable(Type.String()),
  /** Why the path was lost (`draining`, `link_lost` …). */
  why: Type.String(),
  outcome: Type.Union([Type.Literal('resumed'), Type.Literal('lost')]),
  /** Of a loss. */
  code: Nullable(Type.String()),
  gapMs: Type.Integer(),
  /** Sent again by this side. */
  replayedBytes: Type.Integer(),
});
export type ReattachRecord = Static<typeof ReattachRecord>;

/** `GET /reattached?after=SEQ` on a gateway or a worker; the last 20,000 are kept. `next`: the newest seq. */
export const ReattachRecords = Type.Object({
  boot: Type.String(),
  next: Type.Integer(),
  /** Records between `after` and the oldest that is kept are gone. */
  gap: Type.Boolean(),
  items: Type.Array(ReattachRecord),
});
export type ReattachRecords = Static<typeof ReattachRecords>;
