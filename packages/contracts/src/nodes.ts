import { type Static, Type } from 'typebox';
import { Nullable, Page } from './fields.ts';

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
