import { RULES } from './steps/index.ts';
import type { Tick } from './tick.ts';
import type { CoreState, Unit } from './types.ts';
import { isFinished, withNotes } from './unit.ts';

/** How long what is forced may take, ms. */
export const FORCE_LIMIT_MS = 30_000;
/** `onDeadline: extend` gives so many times the deadline more, then waits for a person. */
export const MAX_EXTENSIONS = 10;
/** Without a tick for so long, nobody was there to do anything, ms. */
const ABSENCE_MS = 20_000;
const NOTED_EVERY_MS = 5_000;

export function deadlineOf(state: CoreState, unit: Unit, nowMs: number): number | null {
  const limit = RULES[unit.step].limitMs(state, unit);
  return limit === null ? null : nowMs + limit;
}

/** Time in which nothing could be done does not count. */
export function shiftDeadlines(tick: Tick, byMs: number): void {
  for (const unit of tick.units) {
    if (isFinished(unit) || unit.deadlineAtMs === null) continue;
    tick.put({ ...withNotes(unit, { 'step.emptyAtMs': null }), deadlineAtMs: unit.deadlineAtMs + byMs });
  }
}

/** If no deploy worker was there for a while, all deadlines are later by as much. */
export function forgiveAbsence(tick: Tick): void {
  const last = tick.state.notes.lastTickMs;
  const gapMs = typeof last === 'number' ? tick.nowMs - last : 0;
  if (gapMs >= ABSENCE_MS && tick.state.state !== 'paused') {
    shiftDeadlines(tick, gapMs);
    tick.log(
      'warning',
      null,
      `no deploy worker looked for ${Math.round(gapMs / 1_000)} s; all deadlines are later by as much`,
    );
  }
  if (typeof last !== 'number' || gapMs >= NOTED_EVERY_MS) tick.note({ lastTickMs: tick.nowMs });
}

/** From now on what is left on its node is closed. Only ever after an explicit word. */
export function force(tick: Tick, unit: Unit, who: string): void {
  tick.put({ ...withNotes(unit, { forced: true }), deadlineAtMs: tick.nowMs + FORCE_LIMIT_MS });
  tick.log('warning', unit.old.id, `what is left on it is closed (${who})`);
}

export function extend(tick: Tick, unit: Unit, byMs: number): void {
  tick.put({ ...unit, deadlineAtMs: Math.max(unit.deadlineAtMs ?? 0, tick.nowMs) + byMs });
}
