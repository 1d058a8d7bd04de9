import { type Static, Type } from 'typebox';
import { ChosenId, Nullable, Timestamp } from './fields.ts';

/** What a probe tries: that a worker takes and keeps a session, and each kind of use of it. */
export const ProbeCheck = Type.Union([
  Type.Literal('session'),
  Type.Literal('http'),
  Type.Literal('connect'),
  Type.Literal('websocket'),
  Type.Literal('body'),
]);
export type ProbeCheck = Static<typeof ProbeCheck>;

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const ProbeFailure = Type.Object({
  check: ProbeCheck,
  code: Type.String({ description: 'A code of docs/ERRORS.md.' }),
  message: Type.String(),
  at: Timestamp,
});
export type ProbeFailure = Static<typeof ProbeFailure>;

/** A gateway or worker, as probes find it. `down`: they failed twice in a row, and have not succeeded since. */
export const ProbedNode = Type.Object({
  id: ChosenId,
  role: Type.Union([Type.Literal('gateway'), Type.Literal('worker')]),
  state: Type.Union([Type.Literal('up'), Type.Literal('down')]),
  /** Rounds in a row that failed. */
  failures: Count,
  /** Since when it is in this state. */
  since: Timestamp,
  lastFailure: Nullable(ProbeFailure),
});
export type ProbedNode = Static<typeof ProbedNode>;

/** The last probes through one gateway (null: at the worker’s own address) to a session on one worker. */
export const ProbedWay = Type.Object({
  gateway: Nullable(ChosenId),
  worker: ChosenId,
  at: Timestamp,
  /** How long each check that succeeded took, ms. */
  ms: Type.Object({
    http: Type.Optional(Count),
    connect: Type.Optional(Count),
    websocket: Type.Optional(Count),
    body: Type.Optional(Count),
  }),
  failure: Nullable(ProbeFailure),
});
export type ProbedWay = Static<typeof ProbedWay>;

/** `GET /probes`: what the cluster's own probes found last. */
export const ProbeReport = Type.Object({
  /** When the last round ended; null: there is no probing, or there was none for a while. */
  at: Nullable(Timestamp),
  everyMs: Nullable(Count),
  nodes: Type.Array(ProbedNode),
  ways: Type.Array(ProbedWay),
});
export type ProbeReport = Static<typeof ProbeReport>;
