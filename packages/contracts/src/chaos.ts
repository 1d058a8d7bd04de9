import { type Static, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';
import { NodeRole } from './nodes.ts';

/** No fault lasts longer, whatever happens to whoever ordered it; ms. */
export const MAX_FAULT_MS = 600_000;
/** A process that stands still can't be told to go on; ms. */
export const MAX_FREEZE_MS = 60_000;
const MAX_DELAY_MS = 10_000;
const MAX_RUN_MS = 24 * 3_600_000;

const Duration = (maximum: number) => Type.Integer({ minimum: 100, maximum, description: 'How long it lasts, ms.' });
/** Which connections of the node: those to Redis, its links, or both. */
export const Network = Type.Union([Type.Literal('redis'), Type.Literal('links'), Type.Literal('both')]);
export type Network = Static<typeof Network>;

const strict = { additionalProperties: false };
const kill = { type: Type.Literal('kill') };
const freeze = { type: Type.Literal('freeze'), durationMs: Duration(MAX_FREEZE_MS) };
const cut = {
  type: Type.Literal('cut'),
  from: Network,
  durationMs: Duration(MAX_FAULT_MS),
  reset: Type.Optional(
    Type.Boolean({ description: 'Connections are reset; else nothing passes, and nothing is said.' }),
  ),
};
const slow = {
  type: Type.Literal('slow'),
  what: Network,
  byMs: Type.Integer({ minimum: 0, maximum: MAX_DELAY_MS, description: 'Each way.' }),
  jitterMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_DELAY_MS, description: 'Up to so much more; 0.' })),
  bytesPerSecond: Type.Optional(
    Type.Integer({ minimum: 1_024, maximum: 10_000_000_000, description: 'Of each connection, each way; no bound.' }),
  ),
  durationMs: Duration(MAX_FAULT_MS),
};

/** What a node does to itself. It ends by itself at its deadline, also if everybody else is gone. */
export const NodeFault = Type.Union([
  Type.Object(kill, strict),
  Type.Object(freeze, strict),
  Type.Object(cut, strict),
  Type.Object(slow, strict),
]);
export type NodeFault = Static<typeof NodeFault>;

/** `POST /chaos` on a node: answered before it is done. */
export const NodeChaosOrder = Type.Object({ run: MadeId, fault: NodeFault }, strict);
export type NodeChaosOrder = Static<typeof NodeChaosOrder>;

/** `GET /chaos` on a node; there is no such path where it is not allowed. */
export const NodeChaos = Type.Object({
  allowed: Type.Literal(true),
  active: Nullable(Type.Object({ run: MadeId, type: Type.String(), leftMs: Type.Integer() })),
});
export type NodeChaos = Static<typeof NodeChaos>;

/** Which nodes: one by its id, or a share of the live ones of a role, chosen by the run's seed; one unless told. */
export const ChaosTarget = Type.Union([
  Type.Object({ node: ChosenId }, strict),
  Type.Object({ role: NodeRole, percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }, strict),
]);
export type ChaosTarget = Static<typeof ChaosTarget>;

const target = { target: ChaosTarget };
/** A fault, and to whom. Redis can be restarted where the API has been told how. */
export const ChaosFault = Type.Union([
  Type.Object({ ...kill, ...target }, strict),
  Type.Object({ ...freeze, ...target }, strict),
  Type.Object({ ...cut, ...target }, strict),
  Type.Object({ ...slow, ...target }, strict),
  Type.Object(
    {
      type: Type.Literal('restart_redis'),
      empty: Type.Optional(Type.Boolean({ description: 'It comes back without its data.' })),
      downMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000, description: 'How long it is away; 0.' })),
    },
    strict,
  ),
]);
export type ChaosFault = Static<typeof ChaosFault>;

/** What a run has to keep to. Without them: what docs/CHAOS.md promises of each fault. */
export const ChaosLimits = Type.Object(
  {
    lost: Type.Optional(Type.Integer({ minimum: 0, description: 'Connections lost; 0.' })),
    gapP99Ms: Type.Optional(Type.Integer({ minimum: 0, description: 'Of connections that lost their path.' })),
    rtoMs: Type.Optional(Type.Integer({ minimum: 0, description: 'From the fault until all is well again.' })),
  },
  strict,
);
export type ChaosLimits = Static<typeof ChaosLimits>;

/** `POST /chaos`. */
export const ChaosBody = Type.Object(
  {
    steps: Type.Array(
      Type.Object(
        {
          fault: ChaosFault,
          afterMs: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: MAX_RUN_MS,
              description: 'Not before so long after the beginning of the run; 0. Steps never overlap.',
            }),
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: 200, description: 'One after the other, each when the cluster is well again.' },
    ),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Of the choice of nodes.' })),
    limits: Type.Optional(ChaosLimits),
    abort: Type.Optional(
      Type.Object(
        {
          lost: Type.Optional(Type.Integer({ minimum: 1, description: 'Stop at so many lost connections; 100.' })),
          successBelow: Type.Optional(
            Type.Number({ minimum: 0, maximum: 1, description: 'Stop when fewer are opened, of 20 or more; 0.5.' }),
          ),
        },
        strict,
      ),
    ),
    recoverMs: Type.Optional(
      Type.Integer({ minimum: 1_000, maximum: 3_600_000, description: 'How long a recovery is waited for; 2 min.' }),
    ),
    force: Type.Optional(Type.Boolean({ description: 'Also when the cluster is not well.' })),
  },
  strict,
);
export type ChaosBody = Static<typeof ChaosBody>;

const Count = Type.Integer({ minimum: 0 });

/** What one step came to. */
export const ChaosStep = Type.Object({
  fault: ChaosFault,
  afterMs: Count,
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('active'),
    Type.Literal('recovering'),
    Type.Literal('recovered'),
    Type.Literal('not_recovered'),
    Type.Literal('not_begun'),
  ]),
  nodes: Type.Array(
    Type.Object({
      id: Type.String(),
      role: NodeRole,
      boot: Type.String({ description: 'The life that was hit.' }),
      cameBack: Type.Boolean({ description: 'It serves again, in this life or the next.' }),
    }),
  ),
  startedAt: Nullable(Timestamp),
  /** From the fault until every session was owned, every node well and the directory whole. */
  rtoMs: Nullable(Count),
  detail: Type.String({ description: 'What is waited for, or what went wrong.' }),
});
export type ChaosStep = Static<typeof ChaosStep>;

/** What users noticed, from the beginning of the run on. */
export const ChaosFigures = Type.Object({
  opened: Type.Integer({ minimum: 0, description: 'Connections of customers.' }),
  failed: Type.Integer({ minimum: 0, description: 'Asked for and not opened, by Culvert’s fault.' }),
  lost: Count,
  resumed: Count,
  gapMs: Nullable(Type.Object({ p50: Count, p99: Count, max: Count }, { description: 'Of those that were resumed.' })),
  /** Gateways that ended, with their browsers’ connections and what they had not told yet. */
  edgesEnded: Count,
  sessions: Type.Object({
    watched: Type.Integer({ minimum: 0, description: 'That had an owner at the beginning; 500 at most are watched.' }),
    unserved: Type.Integer({ minimum: 0, description: 'At the worst moment.' }),
    lost: Type.Integer({ minimum: 0, description: 'That had none at the end.' }),
  }),
  /** What Redis held and does not any more. */
  settingsLost: Count,
  historyLost: Type.Integer({ minimum: 0, description: 'Of the last 100 entries of the history.' }),
});
export type ChaosFigures = Static<typeof ChaosFigures>;

export const ChaosCheck = Type.Object({
  name: Type.String(),
  promised: Type.String(),
  measured: Type.String(),
  passed: Type.Boolean(),
});
export type ChaosCheck = Static<typeof ChaosCheck>;

/**
 * `passed`, `failed`: all steps were done, and what was promised was kept, or not. `aborted`: it hurt more than it may.
 * `stopped`: somebody had enough.
 */
export const ChaosRun = Type.Object({
  id: MadeId,
  state: Type.Union([
    Type.Literal('running'),
    Type.Literal('passed'),
    Type.Literal('failed'),
    Type.Literal('aborted'),
    Type.Literal('stopped'),
  ]),
  reason: Type.String({ description: 'Why it ended early; empty otherwise.' }),
  by: Type.String({ description: 'Id of the key.' }),
  seed: Type.Integer(),
  startedAt: Timestamp,
  endedAt: Nullable(Timestamp),
  steps: Type.Array(ChaosStep),
  figures: ChaosFigures,
  checks: Type.Array(ChaosCheck, { description: 'Empty until it has ended.' }),
});
export type ChaosRun = Static<typeof ChaosRun>;
export const ChaosRunList = Page(ChaosRun);
export type ChaosRunList = Static<typeof ChaosRunList>;

/** `POST /redis/restart` of a local cluster’s supervisor. */
export const RedisRestartOrder = Type.Object(
  { empty: Type.Boolean(), downMs: Type.Integer({ minimum: 0, maximum: 60_000 }) },
  strict,
);
export type RedisRestartOrder = Static<typeof RedisRestartOrder>;
