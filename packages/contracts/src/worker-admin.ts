import { type Static, type TProperties, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Timestamp } from './fields.ts';
import { Blocker } from './nodes.ts';
import { Connection } from './sessions.ts';

const about = {
  id: MadeId,
  tenant: Type.String(),
  name: Nullable(Type.String()),
  state: Type.String(),
  epoch: Type.Integer(),
  connectedAt: Timestamp,
  labels: Type.Record(Type.String(), Type.String()),
};

/** A session as its owner's own endpoint tells it (`GET /sessions/:id` on a worker). */
export const WorkerSession = Type.Object({
  ...about,
  connections: Type.Array(Connection),
  /** Of all its connections, also those that are over; absent: a release that does not tell. */
  bytesIn: Type.Optional(Type.Integer()),
  bytesOut: Type.Optional(Type.Integer()),
});
export type WorkerSession = Static<typeof WorkerSession>;

/** What a worker waits for before it is empty (`GET /blockers` on a worker). */
export const WorkerBlockers = Type.Object({ items: Type.Array(Blocker) });
export type WorkerBlockers = Static<typeof WorkerBlockers>;

/** The longest time for which a worker keeps a question, in ms. */
export const MAX_ASK_MS = 60_000;

/** What the actor of a session can be asked. `move`, with null: to whichever worker its agent is sent by the API. */
export const SessionQuestion = Type.Union([
  Type.Object({ kind: Type.Literal('describe') }),
  Type.Object({ kind: Type.Literal('close_if_idle') }),
  Type.Object({ kind: Type.Literal('close') }),
  Type.Object({ kind: Type.Literal('move'), to: Nullable(ChosenId) }),
]);
export type SessionQuestion = Static<typeof SessionQuestion>;

/** `POST /sessions/:id/ask` on a worker. It does nothing for another epoch than this, nor once the time is up. */
export const SessionAskBody = Type.Object({
  question: SessionQuestion,
  epoch: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  withinMs: Type.Integer({ minimum: 1, maximum: MAX_ASK_MS, description: 'From its arrival.' }),
  notAfterMs: Type.Optional(
    Type.Integer({ minimum: 0, description: "On Redis's clock; absent when the asker does not know it." }),
  ),
});
export type SessionAskBody = Static<typeof SessionAskBody>;

/** Why nothing was done. */
export const WorkerRefusal = Type.Union([
  Type.Object({ outcome: Type.Literal('busy'), connections: Type.Integer() }),
  /** The session is not here, or no more, or not yet under this epoch. */
  Type.Object({ outcome: Type.Literal('wrong_owner') }),
  /** Its agent is away. */
  Type.Object({ outcome: Type.Literal('offline') }),
  /** It is here, under this newer epoch. */
  Type.Object({ outcome: Type.Literal('fenced'), epoch: Type.Integer() }),
  Type.Object({ outcome: Type.Literal('late') }),
]);
export type WorkerRefusal = Static<typeof WorkerRefusal>;

const done = <T extends TProperties>(more: T) => Type.Object({ outcome: Type.Literal('done'), ...more });

/** What a worker answers to each question when it was carried out. */
export const WorkerDone = {
  describe: done({ session: WorkerSession }),
  close_if_idle: done({}),
  close: done({}),
  /** Its agent was told; it is served until it has gone. */
  move: done({ to: Nullable(Type.String()) }),
};
export type WorkerDone = { readonly [K in keyof typeof WorkerDone]: Static<(typeof WorkerDone)[K]> };

export type WorkerAnswer<K extends SessionQuestion['kind']> = WorkerDone[K] | WorkerRefusal;
