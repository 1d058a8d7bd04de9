import { type Static, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';
import { ClusterNode } from './nodes.ts';
import { RegistryStatus } from './registry.ts';

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Rate = Type.Number({ minimum: 0, description: 'A second.' });

/** How a node is to be taken, and why: `warn` is looked at, `bad` is acted on. */
export const NodeHealth = Type.Object({
  level: Type.Union([Type.Literal('ok'), Type.Literal('warn'), Type.Literal('bad')]),
  reasons: Type.Array(Type.String(), { description: 'In words; empty: all is well.' }),
});
export type NodeHealth = Static<typeof NodeHealth>;

/** `GET /live?format=json`: one picture instead of a stream of them. */
export const LiveQuery = Type.Object({ format: Type.Optional(Type.Literal('json')) });
export type LiveQuery = Static<typeof LiveQuery>;

/**
 * A node with what its last beats told. null: it is of a release that does not tell, or (rates) has told too little yet, or
 * (idle, busy) is no worker. The bytes are of customers' connections.
 */
export const LiveNode = Type.Object({
  ...ClusterNode.properties,
  idle: Nullable(Count),
  busy: Nullable(Count),
  bytesInPerSecond: Nullable({ ...Rate, description: 'From the browsers, bytes a second.' }),
  bytesOutPerSecond: Nullable({ ...Rate, description: 'To the browsers, bytes a second.' }),
  health: NodeHealth,
});
export type LiveNode = Static<typeof LiveNode>;

/** A deployment that is under way. */
export const LiveDeployment = Type.Object({
  id: MadeId,
  state: Type.String(),
  version: Type.String(),
  role: Type.String(),
  pool: Type.String(),
  done: Count,
  nodes: Count,
});
export type LiveDeployment = Static<typeof LiveDeployment>;

/** `GET /live`: the cluster as the registry has it, each time anew. */
export const LiveCluster = Type.Object({
  at: { ...Timestamp, description: 'When the registry was read; while it is away, when it answered last.' },
  registry: RegistryStatus,
  nodes: Type.Array(LiveNode),
  deployments: Type.Array(LiveDeployment, { description: 'Not those that wait for their turn.' }),
  /** Of the workers whose lease lives. */
  totals: Type.Object({
    sessions: Count,
    busy: Count,
    connections: Count,
    bytesInPerSecond: Rate,
    bytesOutPerSecond: Rate,
  }),
});
export type LiveCluster = Static<typeof LiveCluster>;

/** What a time series tells of the cluster, or of one node. */
export const SeriesName = Type.Union([
  Type.Literal('sessions'),
  Type.Literal('busy'),
  Type.Literal('connections'),
  Type.Literal('bytesInPerSecond'),
  Type.Literal('bytesOutPerSecond'),
]);
export type SeriesName = Static<typeof SeriesName>;

/** `GET /series?window=1h|24h[&node=]`. */
export const SeriesQuery = Type.Object({
  window: Type.Optional(Type.Union([Type.Literal('1h'), Type.Literal('24h')])),
  node: Type.Optional(ChosenId),
});
export type SeriesQuery = Static<typeof SeriesQuery>;

/** Columns of equal length; null: nobody looked at that time. */
export const Series = Type.Object({
  window: Type.Union([Type.Literal('1h'), Type.Literal('24h')]),
  node: Nullable(Type.String()),
  stepMs: Count,
  at: Type.Array(Count, { description: 'ms since 1970, rising.' }),
  values: Type.Record(SeriesName, Type.Array(Nullable(Type.Number()))),
});
export type Series = Static<typeof Series>;

/** Something to be drawn at a time into every chart. */
export const Annotation = Type.Object({
  deployment: MadeId,
  from: Timestamp,
  to: Nullable(Timestamp),
  text: Type.String(),
  state: Type.String(),
});
export type Annotation = Static<typeof Annotation>;

/** `GET /annotations?window=1h|24h`. */
export const AnnotationQuery = Type.Pick(SeriesQuery, ['window']);
export type AnnotationQuery = Static<typeof AnnotationQuery>;

export const AnnotationList = Page(Annotation);
export type AnnotationList = Static<typeof AnnotationList>;
