import { type DeploymentState, FINAL_STATES } from '@culvert/contracts';
import { hasTouched } from './rollback.ts';
import type { Tick } from './tick.ts';
import type { CoreState, Effect } from './types.ts';
import { isFinished } from './unit.ts';

/** A receipt that cannot be made in this time does not keep the next deployment waiting, ms. */
const RECEIPT_LIMIT_MS = 60_000;

export const isOver = ({ state }: CoreState): boolean => FINAL_STATES.includes(state);

/** While its receipt is made a deployment is not over yet: this is how it will be. */
export function concluded(state: CoreState): CoreState {
  const outcome = state.notes.outcome as DeploymentState | undefined;
  return outcome === undefined ? state : { ...state, state: outcome, reason: state.notes.outcomeReason as string };
}

/** Its plan stands, and somebody has to agree to it. */
export const isHeld = ({ request, notes }: CoreState): boolean =>
  request.hold && notes.checked === true && notes.promoted !== true;

/** How it ends, once every unit is finished. */
export function outcomeOf({ units, notes }: CoreState): { outcome: DeploymentState; why: string } | undefined {
  if (!units.every(isFinished)) return undefined;
  const count = (state: string) => units.filter((unit) => unit.state === state).length;
  const why = (notes.why as string | undefined) ?? '';
  const failures = count('failed');
  if (failures > 0) return { outcome: 'failed', why: `a person has to look at ${failures} of the nodes: ${why}` };
  if (notes.mode === 'rollback') return { outcome: 'rolled_back', why };
  if (notes.mode === 'abort') return { outcome: (notes.endAs as DeploymentState) ?? 'aborted', why };
  const skipped = count('skipped');
  return { outcome: 'succeeded', why: `${count('done')} nodes done${skipped > 0 ? `, ${skipped} skipped` : ''}` };
}

/** Ends it: at once if nothing was touched, else once its receipt is kept. */
export function end(tick: Tick, outcome: DeploymentState, why: string): void {
  tick.note({ outcome, outcomeReason: why });
  tick.state = { ...tick.state, finishedAtMs: tick.nowMs };
  if (hasTouched(tick)) awaitReceipt(tick);
  else over(tick);
}

export function awaitReceipt(tick: Tick): void {
  const effect: Effect = { kind: 'receipt', key: `${tick.state.id}/-/receipt/1` };
  const result = tick.observation.results[effect.key];
  const waitedMs = tick.nowMs - (tick.state.finishedAtMs ?? tick.nowMs);
  if (result !== undefined || waitedMs >= RECEIPT_LIMIT_MS) {
    if (result?.ok !== true) {
      tick.log('warning', null, `there is no receipt: ${result?.detail ?? 'it could not be made in time'}`);
    }
    over(tick);
    return;
  }
  tick.effects.push(effect);
  tick.unmet.push({
    ...{ node: null, step: null, code: 'receipt', condition: 'its receipt is being made' },
    ...{ endsWhen: 'it is signed and kept', holders: [], held: 0 },
  });
}

function over(tick: Tick): void {
  const { state, reason } = concluded(tick.state);
  tick.become(state, reason);
}
