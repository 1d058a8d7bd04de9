import { isDeepStrictEqual } from 'node:util';
import type { StoredDeployment } from '@culvert/registry';
import type { CoreState, Decision, Effect, Unit } from '../core/types.ts';
import type { StageAbout } from './world.ts';

/** What the engine stores of a deployment for those who only read it, and for whoever goes on. */
export interface StoredView {
  readonly deployment: unknown;
  readonly why: Decision['why'];
  /** When it is to be looked at again, ms of Redis's clock; null: it is over. */
  readonly tickAtMs: number | null;
  /** W3C Trace Context of the tick that wrote this, for the next one to link to; absent: nothing was traced. */
  readonly traceparent?: string;
}

/** When a deployment is due; one that no tick has seen is due now. */
export function dueAt(record: StoredDeployment): number {
  const { tickAtMs } = record.view as Partial<StoredView>;
  return typeof tickAtMs === 'number' ? tickAtMs : 0;
}

/** Has anything come about that is worth a commit? Times alone are not. */
export function isNews(
  record: StoredDeployment,
  { state, why, taken, events, effects }: Decision,
  view: unknown,
): boolean {
  if (taken.length > 0 || events.length > 0 || effects.length > 0) return true;
  const stored = record.view as Partial<StoredView>;
  const isSame =
    isDeepStrictEqual(plain(state), record.core) &&
    isDeepStrictEqual(plain({ ...why, at: '' }), plain({ ...stored.why, at: '' })) &&
    isDeepStrictEqual(plain(view), stored.deployment);
  return !isSame;
}

/** Some step ended or began, or the whole is in another state: what follows should not wait. */
export function hasAdvanced(before: CoreState, after: CoreState): boolean {
  return before.state !== after.state || movedUnit(before, after) !== undefined;
}

/** What a tick is about, for whoever watches its stages: the node that it moved on, else one that is under way. */
export function aboutTick(before: CoreState, { state, effects }: Decision): StageAbout {
  const unit = movedUnit(before, state) ?? state.units.find((one) => one.state === 'running');
  return { deployment: state.id, node: unit?.old.id ?? null, step: unit?.step ?? null, effects };
}

/** Keys of effects are `<deployment>/<node>/<step>/<attempt>[/<what>]`. */
export function aboutEffect(deployment: string, effect: Effect): StageAbout {
  const [, node, step] = effect.key.split('/');
  return { deployment, node: node ?? null, step: step ?? null, effects: [effect] };
}

function movedUnit(before: CoreState, after: CoreState): Unit | undefined {
  const known = new Map(before.units.map((unit) => [unit.old.id, unit]));
  return after.units.find((unit) => {
    const was = known.get(unit.old.id);
    return was?.step !== unit.step || was.attempt !== unit.attempt || was.state !== unit.state;
  });
}

/** As it comes back from the store. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
