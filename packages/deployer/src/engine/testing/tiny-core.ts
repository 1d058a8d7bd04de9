import type { DeploymentStep } from '@culvert/contracts';
import type { CoreState, Decision, Effect, Observation, Unit } from '../../core/types.ts';
import type { Core } from '../world.ts';

const STEPS: readonly DeploymentStep[] = ['prepare', 'verify', 'cordon', 'busy', 'verify_empty', 'terminate', 'done'];
const TICK_MS = 200;
const NOTHING = { health: [], drains: [], beliefs: [], empty: [], holders: [], cohorts: null, sessions: false };

/** A core of few words, for tests of the engine: one worker after the other, one effect per step until its goal is seen. */
export const tinyCore: Core = {
  begin({ id, createdAtMs, core }) {
    if (typeof core === 'object' && core !== null && 'units' in core) return core as CoreState;
    const { request } = core as Pick<CoreState, 'request'>;
    return {
      ...{ id, request, createdAtMs, createdBy: 'k_1', state: 'pending', resumeTo: null, reason: null, units: [] },
      ...{ enteredAtMs: createdAtMs, startedAtMs: null, finishedAtMs: null, notes: {}, log: [] },
    };
  },
  needs(state) {
    const unit = currentUnit(state);
    if (unit === undefined) return NOTHING;
    return { ...NOTHING, drains: [unit.old.id], empty: unit.step === 'verify_empty' ? [unit.old.id] : [] };
  },
  next(state, observation, nowMs) {
    if (state.notes.restored === true)
      return decided({ ...state, state: 'paused', reason: 'Redis was lost' }, [], nowMs);
    if (state.state === 'pending') return decided(planned(state, observation), [], nowMs);
    const unit = currentUnit(state);
    if (unit === undefined) return ending(state, observation, nowMs);
    const effect = effectOf(state, unit);
    if (!isReached(unit, effect, observation)) return decided(state, effect === undefined ? [] : [effect], nowMs);
    const step = STEPS[STEPS.indexOf(unit.step) + 1] ?? 'done';
    const moved: Unit = { ...unit, step, state: step === 'done' ? 'done' : 'running', enteredAtMs: nowMs };
    const units = state.units.map((one) => (one === unit ? moved : one));
    const after = { ...state, units };
    const first = step === 'done' ? undefined : effectOf(after, moved);
    const event = { type: 'deployment.step', deployment: state.id, node: unit.old.id, step: unit.step, outcome: 'ok' };
    return { ...decided(after, first === undefined ? [] : [first], nowMs), events: [event] };
  },
  toView: ({ id, state }, _observation, revision) => ({ id, state, revision }),
};

function currentUnit({ units }: CoreState): Unit | undefined {
  return units.find(({ step }) => step !== 'done');
}

function planned(state: CoreState, { nodes }: Observation): CoreState {
  const old = nodes.filter(({ version }) => version !== state.request.version);
  const units = old.map(({ id, boot, version }): Unit => {
    const at = { enteredAtMs: state.createdAtMs, deadlineAtMs: null, evidence: [], notes: {} };
    return {
      ...at,
      old: { id, boot, version },
      replacement: `${id}.new1`,
      ...{ wave: 1, step: 'prepare', attempt: 1, state: 'running' },
    };
  });
  return { ...state, state: 'running', units };
}

function effectOf({ id, request }: CoreState, { old, replacement, step, attempt }: Unit): Effect | undefined {
  const key = `${id}/${old.id}/${step}/${attempt}`;
  const node = replacement ?? '';
  switch (step) {
    case 'prepare':
      return { key, kind: 'launch', node, replaces: old.id, cordoned: true, version: request.version };
    case 'verify':
      return { key, kind: 'verify', node, version: request.version };
    case 'cordon':
      return { key, kind: 'cordon', node: old.id, on: true };
    case 'busy':
      return { key, kind: 'drain', node: old.id, stage: 'busy' };
    case 'verify_empty':
      return { key, kind: 'collect', node: old.id };
    case 'terminate':
      return { key, kind: 'terminate', node: old.id, graceMs: 1_000 };
    default:
      return undefined;
  }
}

function isReached({ old, replacement, step }: Unit, effect: Effect | undefined, seen: Observation): boolean {
  const alive = (id: string | null): boolean => seen.nodes.some((node) => node.id === id && node.state !== 'dead');
  const isDone = effect !== undefined && seen.results[effect.key]?.ok === true;
  switch (step) {
    case 'prepare':
      return alive(replacement);
    case 'cordon':
      return seen.nodes.some((node) => node.id === old.id && node.cordoned);
    case 'busy':
      return seen.drains[old.id]?.state === 'empty';
    case 'verify_empty':
      return isDone && seen.empty[old.id]?.worker?.ready === true;
    case 'terminate':
      return !alive(old.id);
    default:
      return isDone;
  }
}

function ending(state: CoreState, { results }: Observation, nowMs: number): Decision {
  const key = `${state.id}/-/receipt/1`;
  if (results[key]?.ok !== true) return decided(state, [{ key, kind: 'receipt' }], nowMs);
  return { ...decided({ ...state, state: 'succeeded', finishedAtMs: nowMs }, [], nowMs), tickAtMs: null };
}

function decided(state: CoreState, effects: readonly Effect[], nowMs: number): Decision {
  const why = { id: state.id, state: state.state, at: new Date(nowMs).toISOString(), summary: '', reasons: [] };
  return { state, effects, taken: [], tickAtMs: nowMs + TICK_MS, why, events: [] };
}
