import { type Static, Type } from 'typebox';
import { MadeId, Nullable, Timestamp } from './fields.ts';
import { Blocker } from './nodes.ts';
import { Connection } from './sessions.ts';

/** A session as its owner's own endpoint tells it (`GET /sessions/:id` on a worker). */
export const WorkerSession = Type.Object({
  id: MadeId,
  tenant: Type.String(),
  name: Nullable(Type.String()),
  state: Type.String(),
  epoch: Type.Integer(),
  connectedAt: Timestamp,
  labels: Type.Record(Type.String(), Type.String()),
  connections: Type.Array(Connection),
});
export type WorkerSession = Static<typeof WorkerSession>;

/** What a worker waits for before it is empty (`GET /blockers` on a worker). */
export const WorkerBlockers = Type.Object({ items: Type.Array(Blocker) });
export type WorkerBlockers = Static<typeof WorkerBlockers>;
