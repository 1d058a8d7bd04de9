import type { ProviderChoice } from '@culvert/contracts';
import type { Deployments, NodeView, Registry, StoredDeployment } from '@culvert/registry';
import type { NodeClient } from '@culvert/service';
import type { CoreState, Decision, Effect, EffectResult, Needs, Observation } from '../core/types.ts';
import type { NodeProvider } from '../providers/provider.ts';

/** What the engine moves deployments on with; the pure core, unless a test brings its own. */
export interface Core {
  begin(record: Pick<StoredDeployment, 'id' | 'createdAtMs' | 'core'>): CoreState;
  needs(state: CoreState): Needs;
  next(state: CoreState, observation: Observation, nowMs: number): Decision;
  toView(state: CoreState, observation: Observation | null, revision: number): unknown;
}

/** What the engine needs of the registry. */
export interface EngineRegistry
  extends Pick<
    Registry,
    | 'redisNow'
    | 'onAvailability'
    | 'onHint'
    | 'listNodes'
    | 'getNode'
    | 'status'
    | 'listReservations'
    | 'listSessions'
    | 'getSession'
  > {
  readonly deployments: Deployments;
  /** Rejects with `fenced` if the lease of this fence is over. */
  setCordoned(id: string, cordoned: boolean, options: { readonly fence: number }): Promise<NodeView | undefined>;
}

/** How nodes are asked; a class's own secrets are no part of it. */
export type NodeAsker = Pick<NodeClient, keyof NodeClient>;

/** By kind; absent: this deploy worker has none of that kind. */
export type Providers = Partial<Readonly<Record<ProviderChoice['kind'], NodeProvider>>>;

/** Real requests through nodes. */
export interface NodeVerifier {
  verify(asked: { readonly node: NodeView; readonly signal: AbortSignal }): Promise<EffectResult>;
  verifyGateway(asked: { readonly node: NodeView; readonly signal: AbortSignal }): Promise<EffectResult>;
  /** `facts`: asked, failed, p50Ms. */
  probe(asked: { readonly node: NodeView; readonly signal: AbortSignal }): Promise<EffectResult>;
}

/** Has the session's owner send it to another worker; resolves to what came of it, in one word. */
export type MoveSession = (sessionId: string, to: string) => Promise<string>;

/** The receipt of a deployment as it will be stored: made and signed. */
export type MakeReceipt = (state: CoreState, touched: ReadonlyMap<string, unknown>, nowMs: number) => unknown;

/** Is a maintenance window of this pool open? */
export type LookAtWindow = (pool: string, nowMs: number) => Promise<Observation['window']>;

/** Points of a tick at which a system test may end the process. */
export type Stage = 'before_commit' | 'after_commit' | 'after_effect';

export interface StageAbout {
  readonly deployment: string;
  /** The node that the tick, or the effect, moves on; null: none. */
  readonly node: string | null;
  /** The step that it is in now. */
  readonly step: string | null;
  /** What the tick wants done; after an effect: that one. */
  readonly effects: readonly Effect[];
}

export type OnStage = (stage: Stage, about: StageAbout) => void | Promise<void>;
