export {
  CanaryPlan,
  Deployment,
  DeploymentBody,
  DeploymentCommandBody,
  DeploymentForecast,
  DeploymentList,
  DeploymentLogEntry,
  DeploymentNode,
  DeploymentReason,
  DeploymentRequest,
  DeploymentState,
  DeploymentStep,
  DeploymentStrategy,
  DeploymentVerb,
  DeploymentWhy,
  FINAL_STATES,
  MAX_DEADLINE_MS,
  OnDeadline,
  ProviderChoice,
  RehearsalBody,
  StepEvidence,
  StepOutcome,
  Version,
} from './deployments.ts';
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
export {
  BelievedNode,
  DrainedSession,
  DrainOrder,
  DrainReport,
  EdgeLinks,
  NodeStats,
  ReadyToTerminate,
  ReattachRecord,
  ReattachRecords,
} from './node-admin.ts';
export { Blocker, BlockerList, ClusterNode, ClusterNodeList, DrainBody, DrainPolicy, NodeRole } from './nodes.ts';
export { Rebalance, RebalanceBody, ShedBody, Shedding } from './pools.ts';
export { Problem } from './problem.ts';
export {
  Receipt,
  ReceiptSession,
} from './receipts.ts';
export {
  DifferenceKind,
  RegistryDifference,
  RegistryDifferenceList,
  RegistryDifferenceQuery,
  RegistryStatus,
} from './registry.ts';
export {
  MaintenanceWindow,
  MaintenanceWindowList,
  Schedule,
  ScheduleBody,
  ScheduleList,
  WindowBody,
} from './schedules.ts';
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
export { LaunchOrder, SUPERVISOR_PURPOSE, SupervisedNode, SupervisedNodes, TerminateOrder } from './supervisor.ts';
export {
  ApiKey,
  ApiKeyList,
  CANARY_TENANT,
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
