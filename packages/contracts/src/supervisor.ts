import { type Static, Type } from 'typebox';
import { MAX_DEADLINE_MS, Version } from './deployments.ts';
import { ChosenId, Nullable } from './fields.ts';
import { NodeRole } from './nodes.ts';

/**
 * What a deploy worker and the supervisor of a local cluster say to each other, on a Unix socket. The bearer token is made
 * from the cluster's secret, for this purpose.
 */
export const SUPERVISOR_PURPOSE = 'supervisor';

const Fence = Type.Integer({
  minimum: 0,
  description: 'An order of an older one than was seen is refused (`fenced`).',
});
const DeploymentId = Type.String({ minLength: 1, maxLength: 64 });

/** `POST /nodes`. */
export const LaunchOrder = Type.Object({
  id: ChosenId,
  role: NodeRole,
  pool: ChosenId,
  version: Version,
  replaces: Nullable(ChosenId),
  cordoned: Type.Boolean(),
  directory: Nullable(Type.String({ minLength: 1, maxLength: 4_096 })),
  deployment: DeploymentId,
  fence: Fence,
});
export type LaunchOrder = Static<typeof LaunchOrder>;

/** `POST /nodes/:id/terminate`. */
export const TerminateOrder = Type.Object({
  deployment: DeploymentId,
  fence: Fence,
  graceMs: Type.Integer({ minimum: 0, maximum: MAX_DEADLINE_MS }),
});
export type TerminateOrder = Static<typeof TerminateOrder>;

/** A node as its supervisor sees it. */
export const SupervisedNode = Type.Object({
  id: Type.String(),
  role: NodeRole,
  version: Type.String(),
  state: Type.Union([
    Type.Literal('starting'),
    Type.Literal('running'),
    Type.Literal('stopping'),
    Type.Literal('exited'),
  ]),
  pid: Nullable(Type.Integer()),
  exit: Nullable(Type.String({ description: 'How it ended, in words.' })),
});
export type SupervisedNode = Static<typeof SupervisedNode>;

/** `GET /nodes`: all that run, and the last 50 that ended. */
export const SupervisedNodes = Type.Object({ items: Type.Array(SupervisedNode) });
export type SupervisedNodes = Static<typeof SupervisedNodes>;
