import { type Static, Type } from 'typebox';
import { MadeId, Nullable, Timestamp } from './fields.ts';

/** Spans of time that a report may look back over. */
export const SLO_WINDOWS = {
  '5m': 300_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
  '3d': 259_200_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '90d': 7_776_000_000,
} as const;
export const SloWindow = Type.Union([
  Type.Literal('5m'),
  Type.Literal('30m'),
  Type.Literal('1h'),
  Type.Literal('6h'),
  Type.Literal('1d'),
  Type.Literal('3d'),
  Type.Literal('7d'),
  Type.Literal('30d'),
  Type.Literal('90d'),
]);
export type SloWindow = Static<typeof SloWindow>;

/**
 * `connection_success`: connections that were asked for and opened. `session_availability`: time in which sessions could be
 * used. `setup`: connections that were opened fast enough. `lost_connections`: connections that did not break off.
 */
export const SloName = Type.Union([
  Type.Literal('connection_success'),
  Type.Literal('session_availability'),
  Type.Literal('setup'),
  Type.Literal('lost_connections'),
]);
export type SloName = Static<typeof SloName>;
export const SLO_NAMES: readonly SloName[] = [
  'connection_success',
  'session_availability',
  'setup',
  'lost_connections',
];

const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const Target = Type.Number({
  exclusiveMinimum: 0,
  exclusiveMaximum: 1,
  description: 'Share that has to be good: 0.999.',
});

/** What is promised (`--slo FILE`), with every default filled in. */
export const Objectives = Type.Object(
  {
    window: Type.Union([Type.Literal('7d'), Type.Literal('30d'), Type.Literal('90d')], {
      description: 'The time that an error budget is for.',
    }),
    connection_success: Type.Object({ target: Target }, { additionalProperties: false }),
    session_availability: Type.Object({ target: Target }, { additionalProperties: false }),
    setup: Type.Object(
      {
        target: Target,
        withinMs: Type.Integer({
          minimum: 1,
          description: 'A bound of the classes into which set-up times are counted.',
        }),
      },
      { additionalProperties: false },
    ),
    lost_connections: Type.Object({ target: Target }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
export type Objectives = Static<typeof Objectives>;

/** A percentile of a distribution that is known by classes: interpolated; the true value is within [fromMs, toMs]. */
export const ClassedTime = Type.Object({
  ms: Type.Number({ description: 'The best guess.' }),
  fromMs: Type.Number(),
  toMs: Nullable(Type.Number({ description: 'null: it is in the class without an upper bound.' })),
});
export type ClassedTime = Static<typeof ClassedTime>;

/** Can it be used? */
export const AvailabilityFigures = Type.Object({
  opened: Type.Integer({ description: 'Connections that were opened.' }),
  failed: Type.Integer({ description: 'Asked for and not opened, by Culvert’s fault.' }),
  excused: Type.Integer({ description: 'Asked for and not opened, for another reason; not counted.' }),
  connectionSuccess: Nullable(Share('opened ÷ (opened + failed); null: none was asked for.')),
  servedMs: Type.Integer({ description: 'Sum over sessions.' }),
  unservedMs: Type.Integer({ description: 'Sum over sessions whose agents wanted to be there.' }),
  sessionAvailability: Nullable(Share('servedMs ÷ (servedMs + unservedMs); null: there was no session.')),
  setupP50: Nullable(ClassedTime),
  setupP99: Nullable(ClassedTime),
});
export type AvailabilityFigures = Static<typeof AvailabilityFigures>;

/** Does it go on without failing? */
export const ReliabilityFigures = Type.Object({
  closed: Type.Integer({ description: 'Connections that ended, lost ones included.' }),
  lost: Type.Integer({ description: 'Connections that broke off by Culvert’s fault.' }),
  lostPer1000: Nullable(Type.Number({ description: 'Of those that were opened; null: none was.' })),
  connectionHours: Type.Number({ description: 'Sum of the times for which connections were open.' }),
  hoursBetweenLosses: Nullable(Type.Number({ description: 'Connection-hours for each loss (MTBF); null: no loss.' })),
  resumed: Type.Integer({ description: 'Times that a connection lost its path and went on.' }),
  meanGapMs: Nullable(Type.Number({ description: 'How long those had no path; null: none lost it.' })),
});
export type ReliabilityFigures = Static<typeof ReliabilityFigures>;

/** What was counted of one source of traffic. */
export const SloFigures = Type.Object({ availability: AvailabilityFigures, reliability: ReliabilityFigures });
export type SloFigures = Static<typeof SloFigures>;

export const BurnRate = Type.Object({
  window: Type.String({ description: '5m, 30m, 1h, 6h, 3d' }),
  rate: Nullable(Type.Number({ description: 'At 1, the budget lasts exactly as long as its window. null: no data.' })),
});
export type BurnRate = Static<typeof BurnRate>;

/** How one objective stands in one source of traffic. */
export const SloStanding = Type.Object({
  good: Type.Number({ description: 'Connections; session_availability: ms.' }),
  total: Type.Number(),
  attainment: Nullable(Share('good ÷ total; null: no data.')),
  met: Nullable(Type.Boolean()),
  budget: Type.Object({
    allowed: Type.Number({ description: 'Bad ones that the objective allows among `total`.' }),
    spent: Type.Number({ description: 'Bad ones that there were.' }),
    remaining: Nullable(Type.Number({ description: 'Share of it that is left, at most 1; below 0: overspent.' })),
  }),
  burnRates: Type.Array(BurnRate),
  alert: Nullable(
    Type.Union([Type.Literal('page'), Type.Literal('ticket')], {
      description: 'What burns so fast that somebody has to know; null: nothing does.',
    }),
  ),
});
export type SloStanding = Static<typeof SloStanding>;

export const SloObjective = Type.Object({
  name: SloName,
  about: Type.Union([Type.Literal('availability'), Type.Literal('reliability')]),
  target: Type.Number(),
  withinMs: Nullable(Type.Integer({ description: 'Of `setup`.' })),
  description: Type.String({ description: 'In words.' }),
  real: SloStanding,
  synthetic: SloStanding,
});
export type SloObjective = Static<typeof SloObjective>;

const Spent = Type.Object({
  failed: Type.Integer(),
  lost: Type.Integer(),
  unservedMs: Type.Integer(),
  budget: Type.Record(SloName, Nullable(Type.Number()), {
    description: 'Share of the whole window’s budget that went while it ran; null: no data.',
  }),
});

/** What one deployment cost. Counted by whole minutes: those in which it ran. */
export const SloDeployment = Type.Object({
  id: MadeId,
  version: Type.String(),
  kind: Type.Union([Type.Literal('release'), Type.Literal('rehearsal')]),
  state: Type.String(),
  startedAt: Timestamp,
  finishedAt: Nullable(Timestamp),
  real: Spent,
  synthetic: Spent,
});
export type SloDeployment = Static<typeof SloDeployment>;

/** A tenant's share; the worst first. */
export const SloTenant = Type.Object({
  tenant: Type.String({ description: '~other: tenants that were not counted one by one.' }),
  figures: SloFigures,
});
export type SloTenant = Static<typeof SloTenant>;

/** A failure that was brought about on purpose, and what it cost (`culvert chaos`). */
export const FailureRehearsal = Type.Object({
  id: MadeId,
  at: Timestamp,
  failure: Type.String({ pattern: '^[a-z0-9]+(?:_[a-z0-9]+)*$', description: 'worker_killed, redis_restarted, …' }),
  target: Type.String({ maxLength: 128, description: 'What it was done to.' }),
  forMs: Nullable(Type.Integer({ minimum: 0, description: 'How long it lasted; null: it does not end by itself.' })),
  /** Recovery time: from the failure until everything worked again. */
  rtoMs: Nullable(
    Type.Integer({ minimum: 0, description: 'null: it had not recovered at the end of the observation.' }),
  ),
  /** Recovery point: what was lost for good. */
  rpo: Type.Object({
    lostConnections: Type.Integer({ minimum: 0 }),
    lostSessions: Type.Integer({ minimum: 0 }),
  }),
  resumed: Type.Integer({ minimum: 0, description: 'Connections that went on.' }),
  failed: Type.Integer({ minimum: 0, description: 'Connections that could not be opened, by Culvert’s fault.' }),
  gapP99Ms: Nullable(Type.Integer({ minimum: 0 })),
});
export type FailureRehearsal = Static<typeof FailureRehearsal>;

/** All rehearsals of one failure. */
export const SloRecovery = Type.Object({
  failure: Type.String(),
  rehearsals: Type.Integer(),
  lastAt: Timestamp,
  lastRtoMs: Nullable(Type.Integer()),
  worstRtoMs: Nullable(Type.Integer({ description: 'null: at least one had not recovered.' })),
  lostConnections: Type.Integer({ description: 'In the worst of them.' }),
  lostSessions: Type.Integer({ description: 'In the worst of them.' }),
});
export type SloRecovery = Static<typeof SloRecovery>;

/** `GET /slo`. */
export const SloReport = Type.Object({
  window: Nullable(SloWindow),
  from: Timestamp,
  to: Timestamp,
  /** Where counting began and ended in fact: bounds of whole minutes, or of hours where the minutes are gone. */
  countedFrom: Timestamp,
  at: Timestamp,
  tenant: Nullable(Type.String()),
  objectives: Type.Array(SloObjective),
  real: SloFigures,
  synthetic: SloFigures,
  deployments: Type.Array(SloDeployment, { description: 'That ran in this time, the newest first; 50 at most.' }),
  tenants: Type.Array(SloTenant, { description: 'Of real traffic; 200 at most; empty in the report of one tenant.' }),
  recovery: Type.Array(SloRecovery, { description: 'Failures as rehearsed; empty in the report of one tenant.' }),
});
export type SloReport = Static<typeof SloReport>;

/** `GET /slo?window=30d`, or any time: `?from=…&to=…`. */
export const SloQuery = Type.Object({
  window: Type.Optional(SloWindow),
  from: Type.Optional(Type.String({ format: 'date-time' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Now.' })),
  tenant: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
});
export type SloQuery = Static<typeof SloQuery>;

/** In words, for customers. */
export const StatusState = Type.Union([
  Type.Literal('operational'),
  Type.Literal('degraded'),
  Type.Literal('outage'),
  Type.Literal('unknown'),
]);
export type StatusState = Static<typeof StatusState>;

/** `GET /status.json`: public. Names no node, tenant or address. */
export const StatusReport = Type.Object({
  at: Timestamp,
  state: StatusState,
  summary: Type.String({ description: 'In one sentence.' }),
  components: Type.Array(
    Type.Object({
      name: Type.Union([
        Type.Literal('connections'),
        Type.Literal('sessions'),
        Type.Literal('api'),
        Type.Literal('probes'),
      ]),
      state: StatusState,
      detail: Type.String({ description: 'In words.' }),
    }),
  ),
  days: Type.Array(
    Type.Object({
      day: Type.String({ format: 'date' }),
      state: StatusState,
      connectionSuccess: Nullable(Type.Number()),
      sessionAvailability: Nullable(Type.Number()),
    }),
    { description: 'The last 90, the oldest first; days of UTC.' },
  ),
  incidents: Type.Array(
    Type.Object({
      from: Timestamp,
      to: Nullable(Timestamp),
      about: Type.Array(Type.Union([Type.Literal('connections'), Type.Literal('sessions'), Type.Literal('probes')])),
      state: Type.Union([Type.Literal('degraded'), Type.Literal('outage')]),
    }),
    { description: 'Of the last days, the newest first; 50 at most.' },
  ),
  notes: Type.Array(Type.Object({ at: Timestamp, text: Type.String() }), {
    description: 'Maintenance, the newest first; 20 at most.',
  }),
});
export type StatusReport = Static<typeof StatusReport>;
