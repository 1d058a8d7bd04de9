import type { DeploymentReason, DeploymentStep, StepOutcome } from '@culvert/contracts';
import { effectKey } from '../ids.ts';
import type { Strategy } from '../strategy.ts';
import type { CoreState, Effect, EffectResult, Observation, Unit } from '../types.ts';
import { subjectOf } from '../unit.ts';

export type Facts = Readonly<Record<string, string | number | boolean>>;

/** A condition that is not met yet; which node and step it is about is added by who asks. */
export type Unmet = Pick<DeploymentReason, 'code' | 'condition' | 'endsWhen'> &
  Partial<Pick<DeploymentReason, 'holders' | 'held'>>;

/** What a step sees: where it is, or how it ended. A look changes nothing, so that one may look while it is paused. */
export type Seen =
  | {
      readonly is: 'waiting';
      readonly unmet: readonly Unmet[];
      readonly effects?: readonly Effect[];
      /** null removes one. */
      readonly notes?: Readonly<Record<string, string | number | boolean | null>>;
    }
  | {
      readonly is: 'ended';
      readonly outcome: StepOutcome;
      readonly detail: string;
      readonly facts?: Facts;
      readonly notes?: Readonly<Record<string, string | number | boolean | null>>;
      /** Where it goes on, if not with the next step of the route. */
      readonly goTo?: DeploymentStep;
    }
  /** Only a person can tell what to do. */
  | { readonly is: 'stuck'; readonly unmet: Unmet };

export interface Look {
  readonly state: CoreState;
  readonly strategy: Strategy;
  readonly unit: Unit;
  /** The node that the step is about. */
  readonly subject: string;
  readonly observation: Observation;
  readonly nowMs: number;
}

/** `fail`: the new node is not to be trusted. `go_on`: what is left is for the next step. `policy`: as the request says. */
export type AtLimit = 'fail' | 'pause' | 'go_on' | 'policy';

export interface StepRule {
  /** ms from its beginning; null: none. */
  limitMs(state: CoreState, unit: Unit): number | null;
  readonly atLimit: AtLimit;
  look(at: Look): Seen;
}

export const lookAt = (
  state: CoreState,
  strategy: Strategy,
  unit: Unit,
  observation: Observation,
  nowMs: number,
): Look => ({
  ...{ state, strategy, unit, observation, nowMs },
  subject: subjectOf(unit, unit.step),
});

export const keyOf = (at: Look, what?: string): string => effectKey(at.state, at.unit, at.unit.step, what);
export const resultOf = (at: Look, key: string): EffectResult | undefined =>
  Object.hasOwn(at.observation.results, key) ? at.observation.results[key] : undefined;

export const waiting = (unmet: Unmet, more: Omit<Extract<Seen, { is: 'waiting' }>, 'is' | 'unmet'> = {}): Seen => ({
  ...{ is: 'waiting', unmet: [unmet] },
  ...more,
});
export const ok = (
  detail: string,
  facts: Facts = {},
  notes: Record<string, string | number | boolean | null> = {},
): Seen => ({
  ...{ is: 'ended', outcome: 'ok', detail, facts, notes },
});
export const failed = (detail: string, facts: Facts = {}): Seen => ({ is: 'ended', outcome: 'failed', detail, facts });

/** An order that was refused for good. */
export function refused(at: Look, key: string, what: string): Seen | undefined {
  const result = resultOf(at, key);
  if (result === undefined || result.ok) return undefined;
  const condition = `${what}: ${result.detail}`;
  return {
    is: 'stuck',
    unmet: { code: 'refused', condition, endsWhen: 'resume tries again; skip leaves the node alone' },
  };
}
