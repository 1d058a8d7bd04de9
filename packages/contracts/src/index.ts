export {
  ClusterEvent,
  ClusterEventList,
  ClusterEvents,
  EventGap,
  EventId,
  EventQuery,
  UnknownEvent,
} from './events.ts';
export { ChosenId, Labels, MadeId, Nullable, Page, SessionName, Timestamp } from './fields.ts';
export { Blocker, BlockerList, ClusterNode, ClusterNodeList, DrainBody, DrainPolicy, NodeRole } from './nodes.ts';
export { Rebalance, RebalanceBody, ShedBody, Shedding } from './pools.ts';
export { Problem } from './problem.ts';
export {
  DifferenceKind,
  RegistryDifference,
  RegistryDifferenceList,
  RegistryDifferenceQuery,
  RegistryStatus,
} from './registry.ts';
export { MoveSessionBody, SessionMove } from './session-moves.ts';
export {
  CloseSessionQuery,
  Connection,
  ConnectionList,
  LinkOffer,
  OpenedSession,
  OpenSessionBody,
  PacQuery,
  PlacementBody,
  ProxyAccess,
  Session,
  SessionList,
  SessionQuery,
  SessionRoute,
  SessionState,
} from './sessions.ts';
export {
  ApiKey,
  ApiKeyList,
  CreatedKey,
  CreateKeyBody,
  CreateTenantBody,
  KeyRole,
  Limits,
  PinBody,
  Tenant,
  TenantList,
  WhenFull,
} from './tenants.ts';
export {
  MAX_ASK_MS,
  SessionAskBody,
  SessionQuestion,
  type WorkerAnswer,
  WorkerBlockers,
  WorkerDone,
  WorkerRefusal,
  WorkerSession,
} from './worker-admin.ts';
