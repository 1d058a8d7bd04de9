import type {
  DeploymentForecast,
  DeploymentRequest,
  DeploymentState,
  DeploymentStep,
  DrainReport,
  StepEvidence,
} from '@culvert/contracts';
import type { NodeView, Rollout, StoredCommand } from '@culvert/registry';
import type { ProvidedNode } from '../providers/provider.ts';

/**
 * The pure heart of a deployment: `next(state, observation, now) → effects`. No I/O, no clock, no randomness in here; all times
 * are ms of Redis's clock. Everything in `CoreState` and `Effect` is a JSON value.
 */

/** One node that is replaced, or a new one without a predecessor's end (never for now), or a rehearsal's. */
export interface Unit {
  /** The node that is replaced. */
  readonly old: { readonly id: string; readonly boot: string; readonly version: string };
  /** Id of its replacement; made from the old id and the deployment's, so that it is the same at each attempt. null: rehearsal. */
  readonly replacement: string | null;
  readonly wave: number;
  readonly step: DeploymentStep;
  /** Rises when a step is begun again; part of the effects' keys. */
  readonly attempt: number;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'rolling_back' | 'rolled_back';
  readonly enteredAtMs: number;
  /** Absolute; null: the step has none. */
  readonly deadlineAtMs: number | null;
  readonly evidence: readonly StepEvidence[];
  /** What a step remembers between ticks, `firstEmptyAtMs` say. */
  readonly notes: Readonly<Record<string, string | number | boolean>>;
}

export interface CoreState {
  readonly id: string;
  readonly request: DeploymentRequest;
  readonly state: DeploymentState;
  /** What `paused` goes back to. */
  readonly resumeTo: DeploymentState | null;
  readonly enteredAtMs: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** In words: why it is in this state. */
  readonly reason: string | null;
  /** Frozen by the preflight; empty before. */
  readonly units: readonly Unit[];
  /** How far each kind of thing has come beyond the units: held, promoted, canary analysed … */
  readonly notes: Readonly<Record<string, string | number | boolean>>;
  /** The last 200. */
  readonly log: readonly {
    readonly atMs: number;
    readonly kind: string;
    readonly node: string | null;
    readonly message: string;
  }[];
  /** Of the preflight; absent or null before. */
  readonly forecast?: DeploymentForecast | null;
}

/** One thing to do in the world. `key` names it: what has carried out a key once does nothing more when it is asked again. */
export type Effect = { readonly key: string } & (
  | {
      readonly kind: 'launch';
      readonly node: string;
      readonly replaces: string | null;
      readonly cordoned: boolean;
      readonly version: string;
    }
  /** Takes seconds; its result is stored under the key and comes back in `Observation.results`. */
  | { readonly kind: 'verify'; readonly node: string; readonly version: string }
  | { readonly kind: 'cordon'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'drain'; readonly node: string; readonly stage: 'announce' | 'idle' | 'busy' | 'force' }
  /** Reads the worker's drain report into the receipt; once it ended well, its result is `{sessions: n}`. */
  | { readonly kind: 'collect'; readonly node: string }
  /** Gateways, APIs, deploy workers: it stops taking new work in favour of its replacement, and finishes what it has. */
  | { readonly kind: 'retire'; readonly node: string; readonly deadlineMs: number }
  | { readonly kind: 'terminate'; readonly node: string; readonly graceMs: number }
  | { readonly kind: 'rollout'; readonly rollout: Rollout | null }
  /** Synthetic requests through a node, for the analysis; its result is `ProbeCounts`. */
  | { readonly kind: 'probe'; readonly node: string }
  /** A rehearsal: sends back to the node what the drain report says that it had. */
  | { readonly kind: 'return'; readonly node: string }
  /** Makes, signs and keeps the receipt. */
  | { readonly kind: 'receipt' }
);
export type EffectKind = Effect['kind'];

/** What came of an effect that has a result (`verify`, `collect`, `probe`, `return`, `receipt`), or of any that failed for good. */
export interface EffectResult {
  readonly ok: boolean;
  /** In words. */
  readonly detail: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly atMs: number;
  readonly tookMs: number;
}

/** A node's answer to `GET /readyz`; `unreachable`: it did not give one. */
export interface ObservedHealth {
  readonly ready: boolean;
  readonly unreachable: boolean;
  readonly reasons: readonly string[];
}

/** How one cohort (all old nodes, or all new ones, of this deployment) has fared since they began to be observed; counted up, never reset. */
export interface Cohort {
  /** Nodes that answered. */
  readonly nodes: number;
  readonly asked: number;
  readonly opened: number;
  readonly failed: number;
  readonly lost: number;
  /** Cumulative, as in NodeStats. */
  readonly setup: readonly { readonly le: number; readonly count: number }[];
  /** Synthetic requests. */
  readonly probes: { readonly asked: number; readonly failed: number; readonly p50Ms: number | null };
}

export interface Holder {
  readonly session: string;
  readonly tenant: string;
  readonly name: string | null;
  readonly connection: string | null;
  readonly target: string | null;
  readonly reason: 'direct' | 'moving' | 'no_target' | 'busy';
  readonly sinceMs: number;
  readonly lastByteMs: number | null;
  readonly bytesPerSecond: number | null;
}

/** What the deploy worker saw before a tick. A part that could not be seen is absent, which is never the same as empty. */
export interface Observation {
  /** All nodes in the registry. */
  readonly nodes: readonly NodeView[];
  /** The registry has lost data and is being told again: `nodes` may not be whole. */
  readonly recovering: boolean;
  /** Names the data set; another one than before: Redis was lost, or failed over. */
  readonly round: string | null;
  readonly provided: readonly ProvidedNode[] | { readonly error: string };
  /** By node id; of the old nodes and the replacements. */
  readonly health: Readonly<Record<string, ObservedHealth>>;
  /** By worker id. */
  readonly drains: Readonly<Record<string, DrainReport>>;
  /** By worker id that is to be cordoned or uncordoned: what each live gateway and API believes. `null`: it did not answer. */
  readonly beliefs: Readonly<
    Record<string, readonly { readonly node: string; readonly role: string; readonly cordoned: boolean | null }[]>
  >;
  /** By worker id: who says that it is empty. null: no answer. */
  readonly empty: Readonly<
    Record<
      string,
      {
        readonly worker: {
          readonly ready: boolean;
          readonly sessions: number;
          readonly connections: number;
          readonly bufferedBytes: number;
        } | null;
        readonly registry: { readonly owned: number; readonly reserved: number } | null;
        /** Streams to it, over all live gateways. null: one did not answer. */
        readonly gateways: { readonly streams: number; readonly asked: number } | null;
      }
    >
  >;
  /** Who keeps a worker from being empty, by worker id; 20 at most each, the oldest first, and how many in all. */
  readonly holders: Readonly<Record<string, { readonly items: readonly Holder[]; readonly total: number }>>;
  readonly cohorts: { readonly old: Cohort; readonly new: Cohort };
  /** By effect key. */
  readonly results: Readonly<Record<string, EffectResult>>;
  /** Not yet taken in, the oldest first. */
  readonly commands: readonly StoredCommand[];
  readonly window: { readonly open: boolean; readonly opensAtMs: number | null; readonly closesAtMs: number | null };
  /** Sessions that a dry run lists: the busiest first, 100 at most. */
  readonly sessions?: readonly {
    readonly id: string;
    readonly tenant: string;
    readonly name: string | null;
    readonly node: string;
    readonly connections: number;
  }[];
}

/** What an observation has to hold for the next tick: what costs something is looked at only when it is needed. */
export interface Needs {
  readonly health: readonly string[];
  readonly drains: readonly string[];
  readonly beliefs: readonly string[];
  readonly empty: readonly string[];
  readonly holders: readonly string[];
  readonly cohorts: { readonly old: readonly string[]; readonly new: readonly string[] } | null;
  readonly sessions: boolean;
}

export interface Decision {
  readonly state: CoreState;
  readonly effects: readonly Effect[];
  /** Ids of the commands that were taken in. */
  readonly taken: readonly string[];
  /** When to look again, ms of Redis's clock; null: it is over. */
  readonly tickAtMs: number | null;
  /** Unmet conditions now, for `deploy why`. */
  readonly why: import('@culvert/contracts').DeploymentWhy;
  /** For the cluster's history. */
  readonly events: readonly (Readonly<Record<string, string>> & { readonly type: string })[];
}
