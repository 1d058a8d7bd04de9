import { extend, force, MAX_EXTENSIONS } from './deadlines.ts';
import { conclude } from './evidence.ts';
import { abort, giveUp } from './rollback.ts';
import { RULES } from './steps/index.ts';
import type { Unmet } from './steps/step.ts';
import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';
import { stepAfter, withNotes, withoutStepNotes } from './unit.ts';

/** The time limit of a unit's step has passed. true: it goes on. */
export function atLimit(tick: Tick, unit: Unit, unmet: readonly Unmet[]): boolean {
  const { atLimit: rule } = RULES[unit.step];
  const condition = unmet[0]?.condition ?? 'it took too long';
  if (rule === 'fail') {
    giveUp(tick, conclude(tick, unit, { outcome: 'timeout', detail: condition }), condition);
    return false;
  }
  if (rule === 'go_on' || unit.notes.forced === true) {
    const outcome = rule === 'go_on' ? 'timeout' : 'forced';
    const told = conclude(tick, unit, { outcome, detail: condition });
    const notes = withoutStepNotes(told.notes);
    tick.put({ ...told, notes, step: stepAfter(told), enteredAtMs: tick.nowMs, deadlineAtMs: null });
    return true;
  }
  return rule === 'policy' ? byPolicy(tick, unit, condition) : stop(tick, unit, condition);
}

function stop(tick: Tick, unit: Unit, condition: string): boolean {
  tick.put(withNotes(unit, { stuck: true }));
  tick.pause(`${unit.old.id}, ${unit.step}: ${condition}`);
  return false;
}

/** Busy sessions have not left in time. */
function byPolicy(tick: Tick, unit: Unit, condition: string): boolean {
  const { onDeadline, deadlineMs } = tick.state.request;
  const isBack = tick.state.notes.mode === 'rollback';
  if (onDeadline === 'force') {
    force(tick, unit, 'the deadline has passed, and the request says force');
    return true;
  }
  if (onDeadline === 'abort' && !isBack) {
    abort(tick, `the deadline of ${unit.old.id} has passed: ${condition}`, 'aborted');
    return false;
  }
  const extensions = Number(unit.notes.extensions ?? 0);
  if (onDeadline === 'extend' && extensions < MAX_EXTENSIONS) {
    extend(tick, withNotes(unit, { extensions: extensions + 1 }), deadlineMs);
    tick.log('warning', unit.old.id, `the deadline has passed, extended by ${deadlineMs / 1_000} s: ${condition}`);
    return false;
  }
  return stop(tick, unit, `the deadline has passed: ${condition}`);
}
