import { type Static, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';
import { DrainPolicy, NodeRole } from './nodes.ts';

/**
 * `pending`: waits for its turn, or for its first tick. `running`: nodes are being replaced. `analyzing`: nothing moves,
 * what is new is watched. `rejected`: it could not begin, and nothing was touched. `failed`: it ended with nodes in a
 * state that a person has to look at.
 */
export const DeploymentState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('preflight'),
  Type.Literal('running'),
  Type.Literal('paused'),
  Type.Literal('analyzing'),
  Type.Literal('rolling_back'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('aborted'),
  Type.Literal('rolled_back'),
  Type.Literal('rejected'),
]);
export type DeploymentState = Static<typeof DeploymentState>;

/** In these states a deployment is over. */
export const FINAL_STATES: readonly DeploymentState[] = ['succeeded', 'failed', 'aborted', 'rolled_back', 'rejected'];

export const DeploymentStrategy = Type.Union([
  Type.Literal('rolling'),
  Type.Literal('surge'),
  Type.Literal('blue-green'),
  Type.Literal('canary'),
]);
export type DeploymentStrategy = Static<typeof DeploymentStrategy>;

/** What happens when busy sessions have not left a node in time. */
export const OnDeadline = Type.Union([
  Type.Literal('pause'),
  Type.Literal('extend'),
  Type.Literal('force'),
  Type.Literal('abort'),
]);
export type OnDeadline = Static<typeof OnDeadline>;

export const MAX_DEADLINE_MS = 7 * 24 * 3_600_000;
export const Ms = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });

export const CanaryPlan = Type.Object({
  percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Of new sessions.' })),
  tenants: Type.Optional(Type.Array(ChosenId, { minItems: 1, maxItems: 100, description: 'Theirs, and no others.' })),
  analyzeMs: Ms(0, MAX_DEADLINE_MS, 'How long the canary is watched before the rest follows.'),
});
export type CanaryPlan = Static<typeof CanaryPlan>;

/** Which node provider, and where it finds the version. */
export const ProviderChoice = Type.Object({
  kind: Type.Union([Type.Literal('process'), Type.Literal('exec'), Type.Literal('kubernetes')]),
  /** `process`: a checkout of that version on the machine of the supervisor; absent: the one that runs. */
  directory: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })),
});
export type ProviderChoice = Static<typeof ProviderChoice>;

/** A version's name. */
export const Version = Type.String({ pattern: '^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?$' });

/** `POST /deployments`. */
export const DeploymentBody = Type.Object({
  version: Version,
  role: Type.Optional(NodeRole),
  pool: Type.Optional(ChosenId),
  strategy: Type.Optional(DeploymentStrategy),
  policy: Type.Optional(DrainPolicy),
  batch: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Nodes drained at a time; 1.' })),
  surge: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Nodes beyond the usual; the batch.' })),
  canary: Type.Optional(CanaryPlan),
  analyzeMs: Type.Optional(Ms(0, 3_600_000, 'After each batch; 2 s. 0: no analysis.')),
  keepWarmMs: Type.Optional(Ms(0, MAX_DEADLINE_MS, 'blue-green: how long the old nodes stay as the way back; 60 s.')),
  deadlineMs: Type.Optional(Ms(1_000, MAX_DEADLINE_MS, 'For the busy sessions of one node; 10 min.')),
  onDeadline: Type.Optional(OnDeadline),
  hold: Type.Optional(
    Type.Boolean({ description: 'Plan it, then wait for `promote`: the customer has to agree first.' }),
  ),
  queue: Type.Optional(
    Type.Boolean({ description: 'If another one is under way, wait for it instead of being refused.' }),
  ),
  inWindow: Type.Optional(Type.Boolean({ description: 'Touch nodes only while a maintenance window is open.' })),
  dryRun: Type.Optional(Type.Boolean({ description: 'Only say what would happen.' })),
  provider: Type.Optional(ProviderChoice),
});
export type DeploymentBody = Static<typeof DeploymentBody>;

/** `POST /deployments/rehearse`: cordon, move, move back on one live worker. */
export const RehearsalBody = Type.Object({
  node: Type.Optional(ChosenId),
  pool: Type.Optional(ChosenId),
  deadlineMs: Type.Optional(Ms(1_000, MAX_DEADLINE_MS, 'For the busy sessions; 1 min.')),
});
export type RehearsalBody = Static<typeof RehearsalBody>;

/** What is to be done: the body with every default filled in. */
export const DeploymentRequest = Type.Object({
  kind: Type.Union([Type.Literal('release'), Type.Literal('rehearsal')]),
  version: Type.String({ description: "A rehearsal's is that of its node, and empty before it is known." }),
  role: NodeRole,
  pool: ChosenId,
  /** Of a rehearsal; null: any. */
  node: Nullable(ChosenId),
  strategy: DeploymentStrategy,
  policy: DrainPolicy,
  batch: Type.Integer(),
  surge: Type.Integer(),
  canary: Nullable(CanaryPlan),
  analyzeMs: Type.Integer(),
  keepWarmMs: Type.Integer(),
  deadlineMs: Type.Integer(),
  onDeadline: OnDeadline,
  hold: Type.Boolean(),
  queue: Type.Boolean(),
  inWindow: Type.Boolean(),
  dryRun: Type.Boolean(),
  provider: ProviderChoice,
});
export type DeploymentRequest = Static<typeof DeploymentRequest>;

/** The steps of one node, in their usual order; a strategy changes the order, `rehearsal` ends with `return`. */
export const DeploymentStep = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('prepare'),
  Type.Literal('verify'),
  Type.Literal('admit'),
  Type.Literal('cordon'),
  Type.Literal('announce'),
  Type.Literal('close_idle'),
  Type.Literal('busy'),
  Type.Literal('verify_empty'),
  Type.Literal('warm'),
  Type.Literal('terminate'),
  Type.Literal('analyze'),
  Type.Literal('return'),
  Type.Literal('done'),
]);
export type DeploymentStep = Static<typeof DeploymentStep>;

/** `ok`: the step reached its end. */
export const StepOutcome = Type.Union([
  Type.Literal('ok'),
  Type.Literal('failed'),
  Type.Literal('timeout'),
  Type.Literal('skipped'),
  Type.Literal('forced'),
]);
export type StepOutcome = Static<typeof StepOutcome>;

/** What a step saw, and how it ended. */
export const StepEvidence = Type.Object({
  step: DeploymentStep,
  outcome: StepOutcome,
  at: Timestamp,
  tookMs: Type.Integer(),
  detail: Type.String({ description: 'In words.' }),
  facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
});
export type StepEvidence = Static<typeof StepEvidence>;

/** One node that is replaced. */
export const DeploymentNode = Type.Object({
  id: Type.String({ description: 'The node that is replaced.' }),
  replacement: Nullable(Type.String({ description: 'The node that takes its place; null: none was started.' })),
  from: Type.String({ description: 'Its version.' }),
  to: Type.String({ description: "The replacement's version." }),
  step: DeploymentStep,
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('running'),
    Type.Literal('done'),
    Type.Literal('failed'),
    Type.Literal('skipped'),
    Type.Literal('rolling_back'),
    Type.Literal('rolled_back'),
  ]),
  enteredAt: Timestamp,
  deadlineAt: Nullable(Timestamp),
  sessions: Type.Integer({ description: 'Still on the node that is replaced.' }),
  busy: Type.Integer({ description: 'Of these, with connections.' }),
  connections: Type.Integer(),
  evidence: Type.Array(StepEvidence),
});
export type DeploymentNode = Static<typeof DeploymentNode>;

/** Why it waits, or stopped: one unmet condition. */
export const DeploymentReason = Type.Object({
  node: Nullable(Type.String()),
  step: Nullable(DeploymentStep),
  /** Stable: `busy_sessions`, `direct_connections`, `no_target`, `gateway_ack`, `window_closed`, `held`, `paused`, … */
  code: Type.String(),
  condition: Type.String({ description: 'What is not so yet, in words.' }),
  endsWhen: Type.String({ description: 'What would end the wait.' }),
  holders: Type.Array(
    Type.Object({
      session: MadeId,
      tenant: Type.String(),
      name: Nullable(Type.String()),
      connection: Nullable(MadeId),
      target: Nullable(Type.String()),
      ageMs: Type.Integer(),
      lastByteAgoMs: Nullable(Type.Integer()),
      bytesPerSecond: Nullable(Type.Integer()),
    }),
    { description: 'Who holds it, the longest first; 20 at most.' },
  ),
  held: Type.Integer({ description: 'How many hold it in all.' }),
});
export type DeploymentReason = Static<typeof DeploymentReason>;

/** `GET /deployments/:id/why`. */
export const DeploymentWhy = Type.Object({
  id: MadeId,
  state: DeploymentState,
  at: Timestamp,
  summary: Type.String({ description: 'In one sentence.' }),
  reasons: Type.Array(DeploymentReason),
});
export type DeploymentWhy = Static<typeof DeploymentWhy>;

/** What happened in it; the last 200. */
export const DeploymentLogEntry = Type.Object({
  at: Timestamp,
  kind: Type.String({ description: 'state, step, command, effect or warning' }),
  node: Nullable(Type.String()),
  message: Type.String(),
});
export type DeploymentLogEntry = Static<typeof DeploymentLogEntry>;

/** What a dry run, or the preflight, foresees. */
export const DeploymentForecast = Type.Object({
  nodes: Type.Array(
    Type.Object({
      id: Type.String(),
      version: Type.String(),
      replacement: Type.String(),
      wave: Type.Integer({ description: 'Nodes of one wave are drained together; from 1.' }),
      sessions: Type.Integer(),
      busy: Type.Integer(),
      connections: Type.Integer(),
    }),
  ),
  estimateMs: Type.Integer({ description: 'If nothing has to be waited for.' }),
  sessions: Type.Array(
    Type.Object({
      id: MadeId,
      tenant: Type.String(),
      name: Nullable(Type.String()),
      node: Type.String(),
      connections: Type.Integer(),
    }),
    { description: 'That would be touched, the busy ones first; 100 at most.' },
  ),
  warnings: Type.Array(Type.String()),
});
export type DeploymentForecast = Static<typeof DeploymentForecast>;

export const Deployment = Type.Object({
  id: MadeId,
  kind: Type.Union([Type.Literal('release'), Type.Literal('rehearsal')]),
  state: DeploymentState,
  strategy: DeploymentStrategy,
  policy: DrainPolicy,
  version: Type.String(),
  role: NodeRole,
  pool: Type.String(),
  request: DeploymentRequest,
  revision: Type.Integer(),
  createdAt: Timestamp,
  createdBy: Type.String({ description: 'Id of the key.' }),
  enteredAt: Timestamp,
  finishedAt: Nullable(Timestamp),
  reason: Nullable(Type.String({ description: 'Why it is in this state, in words.' })),
  nodes: Type.Array(DeploymentNode),
  forecast: Nullable(DeploymentForecast),
  events: Type.Array(DeploymentLogEntry),
});
export type Deployment = Static<typeof Deployment>;

export const DeploymentList = Page(Deployment);
export type DeploymentList = Static<typeof DeploymentList>;

/** `POST /deployments/:id/<verb>`; each is valid in every state that is not final, and says what it did. */
export const DeploymentVerb = Type.Union([
  Type.Literal('pause'),
  Type.Literal('resume'),
  Type.Literal('abort'),
  Type.Literal('promote'),
  Type.Literal('skip'),
  Type.Literal('rollback'),
  Type.Literal('extend'),
  Type.Literal('force'),
]);
export type DeploymentVerb = Static<typeof DeploymentVerb>;

/** `skip` and `force` name a node; absent: the ones that are under way. `extend`: by how much. */
export const DeploymentCommandBody = Type.Object({
  node: Type.Optional(ChosenId),
  byMs: Type.Optional(Ms(1_000, MAX_DEADLINE_MS, 'extend: how much longer; 10 min.')),
});
export type DeploymentCommandBody = Static<typeof DeploymentCommandBody>;
