export { ChosenId, Labels, MadeId, Nullable, Page, SessionName, Timestamp } from './fields.ts';
export { Blocker, BlockerList, ClusterNode, ClusterNodeList, DrainBody, DrainPolicy, NodeRole } from './nodes.ts';
export { Problem } from './problem.ts';
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
} from './tenants.ts';
export { WorkerBlockers, WorkerSession } from './worker-admin.ts';
