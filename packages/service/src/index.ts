export { type AdminServer, type AdminServerOptions, createAdminServer, isLoopback, publishedUrl } from './admin.ts';
export { ChaosClient, type NodeCounts } from './ask/chaos-client.ts';
export { NodeClient, type NodeReadiness, type RetireOrder } from './ask/node-client.ts';
export type { SessionAnswer, SessionRefusal } from './ask/session-answer.ts';
export { type AskOptions, type FindOwner, SessionAsker, type SessionOwner } from './ask/session-asker.ts';
export { WorkerClient, type WorkerClientOptions } from './ask/worker-client.ts';
export { addBelievedRoute, type KnownNode } from './believed.ts';
export {
  type CommonConfig,
  commonOptions,
  type LogLevel,
  poolOption,
  resumeWindowOption,
  reusePortOption,
} from './common-options.ts';
export { countSli } from './count-sli.ts';
export {
  csrfToken,
  deriveSessionId,
  pacToken,
  proxySecret,
  ROOT_KEY_ID,
  rootAdminKey,
  signInSeal,
  statusToken,
  verifyPacToken,
  verifyProxySecret,
  verifyRootAdminKey,
} from './credentials.ts';
export { type CronTime, checkCron, lastTime, nextTime } from './deployments/cron.ts';
export {
  type DeploymentView,
  type NewDeployment,
  type NewDeploymentOptions,
  NO_DEPLOY_WORKER,
  newDeployment,
} from './deployments/new-deployment.ts';
export { fillRehearsal, fillRequest } from './deployments/request.ts';
export {
  type KnownSchedule,
  readSchedules,
  runIdOf,
  type ScheduleRun,
  type StoredSchedule,
} from './deployments/schedule.ts';
export { type StoredWindow, type WindowState, windowAt, windowsAt } from './deployments/windows.ts';
export { Health, type Readiness, type ReadinessCheck } from './health.ts';
export { EXIT } from './lifecycle.ts';
export { createLogger, createProcessLogger, type ProcessLogger } from './logger.ts';
export { listOptions, type Option, type OptionHelp, type OptionTable, readOptions } from './options.ts';
export {
  duration,
  formatDuration,
  formatHostPort,
  type HostPort,
  hostPort,
  identifier,
  integer,
  nullable,
  oneOf,
  type Parser,
  stringList,
  text,
  url,
  yesNo,
} from './parsers.ts';
export { answerFrameworkError, installProblems, sendProblem, toProblem } from './problem.ts';
export { canonicalJson, signReceipt, verifyReceipt } from './receipt-signature.ts';
export { redact, redactText } from './redact.ts';
export { addRetireRoute, Retirement, type RetirementOptions, type RetirementState } from './retirement.ts';
export { RetiringServer, stopListening } from './retiring-server.ts';
export {
  newBoot,
  type ReadyMessage,
  type Role,
  type RoleContext,
  type RoleName,
  roleOptions,
  runRole,
} from './role.ts';
export { ClusterSecret, sameSecret } from './secret.ts';
export { type IdentifiedSession, identifySession } from './session-credentials.ts';
export { BURN_WINDOWS, type BurnAlert, type BurnWindow, burnAlertsOf, burnRate, MIN_BAD } from './slo/burn.ts';
export { figuresOf } from './slo/figures.ts';
export { DEFAULT_OBJECTIVES, formatShare, parseObjectives } from './slo/objectives.ts';
export { makeReport, type ReportInput } from './slo/report.ts';
export { type AlertRuleOptions, alertRules } from './slo/rules.ts';
export { attainment, type Share, shareOf } from './slo/share.ts';
export { type CountsBySource, startOf } from './slo/spent.ts';
export {
  type AgentTicket,
  type EdgeTicket,
  type NodeTicket,
  signTicket,
  type Ticket,
  verifyTicket,
} from './tickets.ts';
export { forEachBounded } from './verify/for-each-bounded.ts';
export { type RegistryReader, type Verification, type VerifyOptions, verifyRegistry } from './verify/verify.ts';
export { toDifferenceList } from './verify/view.ts';
export { WorkerSessions, type WorkerSessionsOptions } from './verify/worker-sessions.ts';
export { softwareVersion } from './version.ts';
export { type Vitals, vitalsOf } from './vitals.ts';
