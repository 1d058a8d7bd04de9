import type { DeploymentState } from '@culvert/contracts';
import { advance, tell } from './advance.ts';
import { cohortsOf } from './cohorts.ts';
import { takeCommands } from './commands.ts';
import { forgiveAbsence } from './deadlines.ts';
import { awaitReceipt, end, isOver, outcomeOf } from './ending.ts';
import { conclude } from './evidence.ts';
import { preflight } from './preflight.ts';
import { giveUp } from './rollback.ts';
import { setRollout } from './rollout.ts';
import { verdictOf } from './steps/analyze.ts';
import { RULES } from './steps/index.ts';
import { lookAt } from './steps/step.ts';
import { strategyOf } from './strategy.ts';
import { Tick } from './tick.ts';
import type { CoreState, Decision, Observation } from './types.ts';
import { goesBack, isFinished, isUnderWay, withNotes } from './unit.ts';
import { countsOf } from './view.ts';
import { whyOf } from './why.ts';
import { noteMissing } from './world.ts';

const DRAIN_MS = 250;
const STEP_MS = 500;
const SLOW_MS = 5_000;

/**
 * What is to be done now, and what the deployment is like then. Level-triggered: as long as the observation does not show what
 * a step is for, its effects are decided on again, under the same keys.
 */
export function next(before: CoreState, observation: Observation, nowMs: number): Decision {
  const tick = new Tick(before, observation, nowMs);
  if (isOver(before)) return decide(tick, null);
  if (!isWhole(tick)) return decide(tick, STEP_MS);
  if (before.notes.restored === true) stopRestored(tick);
  forgiveAbsence(tick);
  for (const unit of tick.units) tick.put({ ...unit, notes: noteMissing(unit, observation, nowMs) });
  takeCommands(tick);

  if (isOver(tick.state)) return decide(tick, null);
  if (tick.state.notes.outcome !== undefined) awaitReceipt(tick);
  else if (tick.state.state === 'paused') look(tick);
  else if (tick.state.notes.begun === true) run(tick);
  else preflight(tick);
  if (tick.state.notes.begun === true && tick.state.state !== 'paused') setRollout(tick);
  for (const unit of tick.units) if (isUnderWay(unit)) tick.put(withNotes(unit, countsOf(unit, observation)));
  return decide(tick, isOver(tick.state) ? null : pace(tick));
}

/** While Redis is being told again what it lost, what is not there may only be missing. */
function isWhole(tick: Tick): boolean {
  const { round, recovering } = tick.observation;
  const known = tick.state.notes.round;
  if (round !== null && !recovering && known === round) return true;
  if (round === null || recovering || known !== undefined) {
    tick.unmet.push({
      ...{
        node: null,
        step: null,
        code: 'recovering',
        condition: 'the registry has lost data and is being told it again',
      },
      ...{ endsWhen: 'every live worker has told what it has', holders: [], held: 0 },
    });
  }
  if (round === null || recovering) return false;
  tick.note({ round });
  if (known === undefined) return true;
  tick.log('warning', null, 'Redis was lost, or failed over; what is there is looked at afresh');
  return false;
}

/** Its record had been lost, and is as an earlier tick left it: a person says when it goes on. */
function stopRestored(tick: Tick): void {
  tick.note({ restored: null, restoredSeen: true });
  const reason = 'Redis had lost this deployment; it was put back, and nothing is touched until it is resumed';
  if (tick.state.state === 'paused') tick.become('paused', reason);
  else tick.pause(reason);
}

/** Paused: what would be waited for is told, and nothing is done. */
function look(tick: Tick): void {
  const strategy = strategyOf(tick.state.request, tick.units.length);
  for (const unit of tick.units) {
    if (!isUnderWay(unit) || unit.step === 'done') continue;
    const seen = RULES[unit.step].look(lookAt(tick.state, strategy, unit, tick.observation, tick.nowMs));
    if (seen.is === 'waiting') tell(tick, unit, seen.unmet);
    if (seen.is === 'stuck') tell(tick, unit, [seen.unmet]);
  }
}

function run(tick: Tick): void {
  const strategy = strategyOf(tick.state.request, tick.units.length);
  const { mode } = tick.state.notes;
  judgeEarly(tick);
  for (const { old } of tick.units) {
    if (tick.state.notes.mode !== mode || tick.state.state === 'paused') break;
    advance(tick, strategy, old.id);
  }
  if (tick.state.state === 'paused') return;
  const outcome = outcomeOf(tick.state);
  if (outcome !== undefined) return end(tick, outcome.outcome, outcome.why);
  if (tick.state.notes.mode === undefined) tick.become(activity(tick), null);
}

/** What is plainly worse need not be watched to the end of its time, nor until its old node is gone. */
function judgeEarly(tick: Tick): void {
  if (tick.state.notes.mode !== undefined || cohortsOf(tick.state) === null) return;
  const { verdict, because, facts } = verdictOf(tick.state, tick.observation);
  const worst = tick.units.find((unit) => isUnderWay(unit) && !goesBack(unit));
  if (verdict !== 'fail' || worst === undefined) return;
  giveUp(tick, conclude(tick, worst, { step: 'analyze', outcome: 'failed', detail: because, facts }), because);
}

function activity({ units }: Tick): DeploymentState {
  const steps = units.filter(isUnderWay).map(({ step }) => step);
  return steps.includes('analyze') && steps.every((step) => step === 'analyze' || step === 'warm')
    ? 'analyzing'
    : 'running';
}

function pace({ state, units }: Tick): number {
  if (state.state === 'paused') return SLOW_MS;
  if (state.notes.outcome !== undefined) return STEP_MS;
  if (state.notes.begun !== true) return state.notes.checked === true ? SLOW_MS : STEP_MS;
  const busy = units.filter((unit) => isUnderWay(unit) && !isFinished(unit));
  if (busy.length === 0) return state.request.inWindow ? SLOW_MS : STEP_MS;
  return busy.some(({ step }) => !['prepare', 'verify', 'analyze', 'warm', 'terminate'].includes(step))
    ? DRAIN_MS
    : STEP_MS;
}

function decide(tick: Tick, inMs: number | null): Decision {
  const { state, effects, taken, events, nowMs } = tick;
  return {
    ...{ state, effects, taken, events, tickAtMs: inMs === null ? null : nowMs + inMs },
    why: whyOf(state, isOver(state) ? [] : tick.unmet, nowMs),
  };
}
