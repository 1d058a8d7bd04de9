import { type Static, Type } from 'typebox';
import { DeploymentState, DeploymentStrategy } from './deployments.ts';
import { MadeId, Nullable, Timestamp } from './fields.ts';
import { DrainPolicy, NodeRole } from './nodes.ts';

/** How one session fared. */
export const ReceiptSession = Type.Object({
  id: MadeId,
  tenant: Type.String(),
  name: Nullable(Type.String()),
  from: Type.String(),
  /** null: it has not come back (yet), or was closed by its own agent. */
  to: Nullable(Type.String()),
  outcome: Type.Union([
    Type.Literal('moved'),
    Type.Literal('closed_idle'),
    Type.Literal('forced'),
    Type.Literal('ended'),
  ]),
  gapMs: Nullable(Type.Integer({ description: 'The longest time that one of its connections had no path.' })),
  bytesReplayed: Type.Integer(),
  connectionsMoved: Type.Integer(),
  connectionsFinished: Type.Integer({ description: 'That ended by themselves while it waited.' }),
  connectionsLost: Type.Integer(),
  at: Timestamp,
});
export type ReceiptSession = Static<typeof ReceiptSession>;

/** `GET /deployments/:id/receipt`. */
export const Receipt = Type.Object({
  id: MadeId,
  version: Type.String(),
  role: NodeRole,
  pool: Type.String(),
  strategy: DeploymentStrategy,
  policy: DrainPolicy,
  state: DeploymentState,
  startedAt: Timestamp,
  finishedAt: Timestamp,
  nodes: Type.Array(Type.Object({ id: Type.String(), replacement: Nullable(Type.String()), state: Type.String() })),
  totals: Type.Object({
    sessions: Type.Integer(),
    movedSessions: Type.Integer(),
    closedIdle: Type.Integer(),
    connectionsMoved: Type.Integer(),
    connectionsFinished: Type.Integer(),
    connectionsLost: Type.Integer(),
    bytesReplayed: Type.Integer(),
    gapMs: Type.Object({ p50: Type.Integer(), p99: Type.Integer(), max: Type.Integer() }),
  }),
  sessions: Type.Array(ReceiptSession),
  signature: Type.Object({
    algorithm: Type.Literal('HMAC-SHA256'),
    /** Over the canonical JSON (sorted keys, no white space) of all other fields, by a key that the cluster's secret derives. */
    value: Type.String(),
  }),
});
export type Receipt = Static<typeof Receipt>;
