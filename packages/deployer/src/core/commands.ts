import type { DeploymentVerb } from '@culvert/contracts';
import type { StoredCommand } from '@culvert/registry';
import { deadlineOf, extend, force, shiftDeadlines } from './deadlines.ts';
import { end, isHeld } from './ending.ts';
import { abort, leave, rollBack } from './rollback.ts';
import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';
import { isFinished, isUnderWay, withNotes, withoutStepNotes } from './unit.ts';

const EXTEND_BY_MS = 600_000;

/** Each says in the log what it did, also if that is nothing. */
const VERBS: Readonly<Record<DeploymentVerb, (tick: Tick, command: StoredCommand) => string>> = {
  pause(tick, { by }) {
    if (tick.state.state === 'paused') return 'it is paused already';
    tick.pause(`paused by ${by}`);
    return 'paused: what a node was told to do it still finishes, nothing new is begun';
  },
  resume(tick) {
    if (tick.state.state !== 'paused') return 'it is not paused';
    if (isHeld(tick.state)) return 'it is held; promote lets it go on';
    resume(tick);
    return 'it goes on';
  },
  abort(tick, { by }) {
    const why = `aborted by ${by}`;
    if (tick.state.notes.mode === 'rollback') return 'it is being rolled back already; pause stops that';
    if (tick.state.notes.mode === 'abort') return 'it is being aborted already';
    if (hasNotBegun(tick)) return endAtOnce(tick, 'aborted', why);
    abort(tick, why, 'aborted');
    return 'old nodes serve again, new ones that took nothing go, what has moved stays';
  },
  rollback(tick, { by }) {
    const why = `rolled back by ${by}`;
    if (tick.state.notes.mode === 'rollback') return 'it is being rolled back already';
    if (hasNotBegun(tick)) return endAtOnce(tick, 'rolled_back', `${why}; nothing had been touched`);
    if (tick.state.request.kind === 'rehearsal') abort(tick, why, 'rolled_back');
    else rollBack(tick, why);
    return 'old nodes serve again first, then the new ones are drained';
  },
  promote,
  skip(tick, { node }) {
    const units = chosen(tick, node, isUnderWay);
    if (units.length === 0) return node === null ? 'no node is under way' : `${node} is not to be replaced any more`;
    const words = units.map((unit) => {
      const isLeft = leave(tick, unit);
      return isLeft ? `${unit.old.id} is left alone` : `${unit.old.id} is ending; it cannot be called back`;
    });
    resumeStuck(tick);
    return words.join('; ');
  },
  extend(tick, { node, byMs }) {
    const more = byMs ?? EXTEND_BY_MS;
    const units = chosen(tick, node, ({ step }) => step === 'busy' || step === 'warm');
    if (units.length === 0) return 'no node has a deadline now that could be later';
    resumeStuck(tick);
    for (const { old } of units) {
      const unit = tick.unit(old.id);
      if (unit !== undefined) extend(tick, unit, more);
    }
    return `${names(units)}: ${more / 1_000} s more`;
  },
  force(tick, { node, by }) {
    const isDraining = ({ step }: Unit) => ['announce', 'close_idle', 'busy', 'verify_empty'].includes(step);
    const units = chosen(tick, node, isDraining);
    if (units.length === 0) return 'no node is being drained now';
    resumeStuck(tick);
    for (const { old } of units) {
      const unit = tick.unit(old.id);
      if (unit !== undefined) force(tick, unit, `force by ${by}`);
    }
    return `${names(units)}: what is left is closed`;
  },
};

/** Takes in what was ordered since the last tick, the oldest first. */
export function takeCommands(tick: Tick): void {
  for (const command of tick.observation.commands) {
    tick.taken.push(command.id);
    const carryOut = Object.hasOwn(VERBS, command.verb) ? VERBS[command.verb as DeploymentVerb] : undefined;
    const isEnding = tick.state.notes.outcome !== undefined;
    const said = isEnding
      ? 'it has ended'
      : (carryOut?.(tick, command) ?? 'this deploy worker does not know the command');
    tick.log('command', command.node, `${command.verb} by ${command.by}: ${said}`);
    tick.event('deployment.command', { verb: command.verb, by: command.by });
  }
}

function promote(tick: Tick): string {
  const { state, units } = tick;
  if (state.state === 'paused') resume(tick);
  if (state.request.hold && state.notes.promoted !== true) {
    tick.note({ promoted: true });
    return 'it is no longer held';
  }
  const watched = units.filter(({ step, state: s }) => step === 'analyze' && s === 'running');
  for (const unit of watched) tick.put(withNotes(tick.unit(unit.old.id) ?? unit, { 'step.promoted': true }));
  if (watched.length > 0) return `${names(watched)}: not watched any longer`;
  const warm = units.filter(({ step, state: s }) => step === 'warm' && s === 'running');
  if (warm.length === 0) return 'nothing waits to be promoted';
  tick.note({ warmEnded: true });
  return `${names(warm)}: not kept any longer`;
}

/** Time in which it was paused does not count; what was stuck is tried once more, under new keys. */
export function resume(tick: Tick): void {
  const { state, nowMs } = tick;
  shiftDeadlines(tick, nowMs - state.enteredAtMs);
  const isRestored = state.notes.restoredSeen === true;
  for (const unit of tick.units) {
    if (isFinished(unit) || unit.step === 'waiting' || (unit.notes.stuck !== true && !isRestored)) continue;
    const notes = {
      ...withoutStepNotes(unit.notes),
      ...(unit.notes['step.open'] === true ? { 'step.open': true } : {}),
    };
    const again = { ...unit, notes, attempt: unit.attempt + 1 };
    const isOpen = notes['step.open'] === true;
    tick.put(withNotes({ ...again, deadlineAtMs: isOpen ? deadlineOf(state, again, nowMs) : null }, { stuck: null }));
  }
  tick.note({ restoredSeen: null, ...(state.notes.begun === true ? {} : { preflightFromMs: nowMs }) });
  tick.state = { ...tick.state, resumeTo: null };
  tick.become(state.resumeTo ?? 'running', (state.notes.why as string | undefined) ?? null);
}

/** A pause that only waited for this word is over with it; one that a person asked for is not. */
function resumeStuck(tick: Tick): void {
  if (tick.state.state === 'paused' && tick.units.some(({ notes }) => notes.stuck === true)) resume(tick);
}

function chosen({ units }: Tick, node: string | null, among: (unit: Unit) => boolean): Unit[] {
  if (node === null) return units.filter((unit) => !isFinished(unit) && among(unit));
  const isNamed = ({ old, replacement }: Unit) => old.id === node || replacement === node;
  const isSkippable = (unit: Unit) => among(unit) || (among === isUnderWay && unit.step === 'waiting');
  return units.filter((unit) => isNamed(unit) && !isFinished(unit) && isSkippable(unit));
}

const names = (units: readonly Unit[]): string => units.map(({ old }) => old.id).join(', ');

const hasNotBegun = ({ state }: Tick): boolean => state.notes.begun !== true;

function endAtOnce(tick: Tick, outcome: 'aborted' | 'rolled_back', why: string): string {
  end(tick, outcome, why);
  return 'nothing had been touched';
}
