import { type Static, Type } from 'typebox';
import { MadeId, Nullable, Page, Timestamp } from './fields.ts';

export const NodeRole = Type.Union([
  Type.Literal('worker'),
  Type.Literal('gateway'),
  Type.Literal('api'),
  Type.Literal('deployer'),
]);

export const ClusterNode = Type.Object({
  id: Type.String(),
  boot: Type.String({ description: 'This life of the node.' }),
  role: NodeRole,
  version: Type.String(),
  pool: Type.String(),
  state: Type.String({ description: 'booting, ready, cordoned, draining, empty, suspect or dead' }),
  cordoned: Type.Boolean({ description: 'An operator wants it to take no new sessions.' }),
  sessions: Type.Integer(),
  connections: Type.Integer(),
  capacity: Type.Integer({ description: 'Sessions that it takes at most.' }),
  admissionRate: Type.Integer({ description: 'Agents per second that it lets in; 0: it is no worker.' }),
  leaseAgeMs: Type.Integer({ description: 'Since its last beat.' }),
  host: Type.String(),
  pid: Type.Integer(),
  proxy: Nullable(Type.String()),
  link: Nullable(Type.String()),
  admin: Type.String(),
});
export type ClusterNode = Static<typeof ClusterNode>;

export const ClusterNodeList = Page(ClusterNode);
export type ClusterNodeList = Static<typeof ClusterNodeList>;

/** `move`: sessions go to other workers with their connections. `wait`: each stays until its last connection ends. */
export const DrainPolicy = Type.Union([Type.Literal('move'), Type.Literal('wait')]);
export type DrainPolicy = Static<typeof DrainPolicy>;

export const DrainBody = Type.Object({ policy: Type.Optional(DrainPolicy) });
export type DrainBody = Static<typeof DrainBody>;

/** What keeps a worker from being empty, and why it is still there. */
export const Blocker = Type.Object({
  kind: Type.Union([Type.Literal('connection'), Type.Literal('session')]),
  session: MadeId,
  tenant: Type.String(),
  name: Nullable(Type.String({ description: "The session's." })),
  connection: Nullable(MadeId),
  target: Nullable(Type.String({ description: 'host:port' })),
  reason: Type.Union(
    [Type.Literal('direct'), Type.Literal('moving'), Type.Literal('no_target'), Type.Literal('busy')],
    {
      description:
        "direct: its browser uses this worker's own proxy address; moving: under way; " +
        'no_target: no other worker can take it; busy: the policy is to wait',
    },
  ),
  since: Timestamp,
  lastByteAt: Type.Optional({
    ...Timestamp,
    description: "The connection's last byte, either way; absent: not known.",
  }),
  bytesPerSecond: Type.Optional(
    Type.Number({ description: 'Both ways, over the last 5 s or so; absent: not looked at for long enough.' }),
  ),
  detail: Type.String({ description: 'What would end the wait.' }),
});
export type Blocker = Static<typeof Blocker>;

export const BlockerList = Page(Blocker);
export type BlockerList = Static<typeof BlockerList>;

/** `GET /nodes/:id/drain-preview`: what a drain would do now. */
export const DrainPreview = Type.Object({
  node: Type.String(),
  idle: Type.Integer(),
  busy: Type.Integer(),
  connections: Type.Integer(),
  longestMs: Nullable(Type.Integer({ description: 'Age of the oldest connection.' })),
  direct: Type.Integer({ description: 'Connections on its own proxy address: they are waited for.' }),
  targets: Type.Array(Type.Object({ node: Type.String(), room: Type.Integer() }), {
    description: 'Workers that could take its sessions.',
  }),
  warnings: Type.Array(Type.String({ description: 'Why it might not become empty.' })),
  summary: Type.String({ description: 'In one sentence.' }),
});
export type DrainPreview = Static<typeof DrainPreview>;
