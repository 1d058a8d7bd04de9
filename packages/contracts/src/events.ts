import { type Static, type TProperties, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';

/** Place of an event in the history: ids rise, and are compared as two numbers, not as text. */
export const EventId = Type.String({
  pattern: '^\\d{1,15}(?:-\\d{1,15})?$',
  description: '<ms since 1970>-<number>; without the number, the first of that millisecond.',
});

const event = <const T extends string, const P extends TProperties>(type: T, properties: P) =>
  Type.Object({ id: EventId, at: Timestamp, type: Type.Literal(type), ...properties });

const Epoch = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Text = Type.String();

const Session = { session: Text, tenant: Text, node: Text, epoch: Epoch };
const Owned = { ...Session, boot: Text };
const Node = { node: Text, boot: Text };
const Deployment = { deployment: Text };

/** Each type of event with its fields. */
export const ClusterEvents = {
  'session.opened': event('session.opened', Owned),
  /** `from`: the worker that had it before, under `fromEpoch`. */
  'session.moved': event('session.moved', { ...Owned, from: Text, fromEpoch: Epoch }),
  'session.closed': event('session.closed', { ...Owned, reason: Text }),
  /** `node` still took the session for its own; `owner` has it. */
  'session.fenced': event('session.fenced', { ...Session, owner: Text, ownerEpoch: Epoch }),
  'node.state': event('node.state', { ...Node, role: Text, state: Text }),
  'node.cordoned': event('node.cordoned', Node),
  'node.uncordoned': event('node.uncordoned', Node),
  /** What the dead boot had was removed from the directory. */
  'node.swept': event('node.swept', { ...Node, sessions: Count }),
  'registry.recovering': event('registry.recovering', { round: Text, why: Text }),
  'registry.recovered': event('registry.recovered', { round: Text, tookMs: Count }),
  'deployment.created': event('deployment.created', { ...Deployment, version: Text, role: Text, pool: Text, by: Text }),
  'deployment.state': event('deployment.state', { ...Deployment, state: Text, reason: Text }),
  /** `node` has ended the step. */
  'deployment.step': event('deployment.step', { ...Deployment, node: Text, step: Text, outcome: Text }),
  'deployment.command': event('deployment.command', { ...Deployment, verb: Text, by: Text }),
  /** Redis had lost its record; it was put back, and waits for a person. */
  'deployment.restored': event('deployment.restored', { ...Deployment, state: Text }),
  /** The cluster's own probes through this gateway or worker failed twice in a row. */
  'probe.failed': event('probe.failed', { node: Text, role: Text, check: Text, code: Text, message: Text }),
  /** … and succeed again. */
  'probe.recovered': event('probe.recovered', { node: Text, role: Text, downMs: Count }),
  'chaos.started': event('chaos.started', { run: Text, steps: Count, by: Text }),
  /** `node` empty: Redis. */
  'chaos.fault': event('chaos.fault', { run: Text, fault: Text, node: Text }),
  'chaos.ended': event('chaos.ended', { run: Text, state: Text, lost: Count }),
} as const;

/** One that this version does not know, or that lacks a field: `name` is its type as it was written. */
export const UnknownEvent = event('unknown', { name: Text, fields: Type.Record(Type.String(), Type.String()) });
export type UnknownEvent = Static<typeof UnknownEvent>;

/** One entry of the cluster's history. */
export const ClusterEvent = Type.Union([
  ClusterEvents['session.opened'],
  ClusterEvents['session.moved'],
  ClusterEvents['session.closed'],
  ClusterEvents['session.fenced'],
  ClusterEvents['node.state'],
  ClusterEvents['node.cordoned'],
  ClusterEvents['node.uncordoned'],
  ClusterEvents['node.swept'],
  ClusterEvents['registry.recovering'],
  ClusterEvents['registry.recovered'],
  ClusterEvents['deployment.created'],
  ClusterEvents['deployment.state'],
  ClusterEvents['deployment.step'],
  ClusterEvents['deployment.command'],
  ClusterEvents['deployment.restored'],
  ClusterEvents['probe.failed'],
  ClusterEvents['probe.recovered'],
  ClusterEvents['chaos.started'],
  ClusterEvents['chaos.fault'],
  ClusterEvents['chaos.ended'],
  UnknownEvent,
]);
export type ClusterEvent = Static<typeof ClusterEvent>;

export const ClusterEventList = Page(ClusterEvent);
export type ClusterEventList = Static<typeof ClusterEventList>;

/** Data of the stream's `gap`: what came after `after` and before `oldest` (null: nothing is left) may be missing. */
export const EventGap = Type.Object({ after: EventId, oldest: Nullable(EventId) });
export type EventGap = Static<typeof EventGap>;

export const EventQuery = Type.Object({
  after: Type.Optional(EventId),
  before: Type.Optional(EventId),
  types: Type.Optional(
    Type.String({
      maxLength: 512,
      pattern: '^[a-z]+\\.(?:[a-z]+|\\*)(?:,[a-z]+\\.(?:[a-z]+|\\*))*$',
      description: 'Separated by commas; `session.*` is all that begin so.',
    }),
  ),
  session: Type.Optional(MadeId),
  node: Type.Optional(ChosenId),
  tenant: Type.Optional(ChosenId),
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('stream')])),
  order: Type.Optional(
    Type.Union([Type.Literal('asc'), Type.Literal('desc')], { description: 'Of a page; asc: the oldest first.' }),
  ),
  limit: Type.Optional(Type.String({ pattern: '^(?:[1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; 100.' })),
});
export type EventQuery = Static<typeof EventQuery>;
