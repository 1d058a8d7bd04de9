import type { DeploymentStep } from '@culvert/contracts';
import { atLimit } from './at-limit.ts';
import { deadlineOf } from './deadlines.ts';
import { conclude } from './evidence.ts';
import { gate } from './gates.ts';
import { clearedAway, giveUp } from './rollback.ts';
import { RULES } from './steps/index.ts';
import { lookAt, type Seen, type Unmet } from './steps/step.ts';
import { ROUTES, type Strategy } from './strategy.ts';
import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';
import {
  arrivingOf,
  goesBack,
  isFinished,
  leavingOf,
  routeOfUnit,
  stepAfter,
  wasLaunched,
  withNotes,
  withoutStepNotes,
} from './unit.ts';
import { hasDied } from './world.ts';

/** A unit takes so many steps in one tick at most: more than a route has. */
const MAX_STEPS = 16;
/** A node that somebody else takes out of the drain again and again is left to a person. */
const MAX_ATTEMPTS = 8;

/** Moves one unit on as far as what was observed allows. */
export function advance(tick: Tick, strategy: Strategy, oldId: string): void {
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const { state, notes } = tick.state;
    const unit = tick.unit(oldId);
    if (unit === undefined || isFinished(unit) || state === 'paused') return;
    if (unit.step === 'done') return finish(tick, unit);
    if (!oneStep(tick, strategy, unit)) return;
    if (tick.state.notes.mode !== notes.mode) return;
  }
}

/** false: there is nothing more to do for it now. */
function oneStep(tick: Tick, strategy: Strategy, unit: Unit): boolean {
  const death = whoDied(tick, unit);
  if (death === 'leaving') {
    skipDrain(tick, unit);
    return true;
  }
  if (death === 'arriving') {
    const detail = `${arrivingOf(unit) ?? leavingOf(unit)} has died`;
    giveUp(tick, conclude(tick, unit, { outcome: 'failed', detail }), detail);
    return false;
  }
  if (unit.notes['step.open'] !== true) {
    const closed = gate(tick, strategy, unit);
    if (closed !== undefined) {
      tell(tick, unit, [closed]);
      return false;
    }
    const { nowMs, state } = tick;
    tick.put({
      ...withNotes(unit, { 'step.open': true }),
      enteredAtMs: nowMs,
      deadlineAtMs: deadlineOf(state, unit, nowMs),
    });
    return true;
  }
  return act(tick, unit, RULES[unit.step].look(lookAt(tick.state, strategy, unit, tick.observation, tick.nowMs)));
}

function act(tick: Tick, unit: Unit, seen: Seen): boolean {
  if (seen.is === 'waiting') {
    tick.effects.push(...(seen.effects ?? []));
    const noted = withNotes(unit, seen.notes ?? {});
    tick.put(noted);
    tell(tick, unit, seen.unmet);
    if (unit.deadlineAtMs === null || tick.nowMs < unit.deadlineAtMs) return false;
    return atLimit(tick, noted, seen.unmet);
  }
  if (seen.is === 'stuck') {
    tell(tick, unit, [seen.unmet]);
    tick.put(withNotes(unit, { stuck: true }));
    tick.pause(seen.unmet.condition);
    return false;
  }
  const told = unit.step === 'waiting' ? unit : conclude(tick, withNotes(unit, seen.notes ?? {}), seen);
  if (seen.goTo !== undefined) return again(tick, told, seen.goTo, seen.detail);
  if (seen.outcome === 'failed') {
    giveUp(tick, told, seen.detail);
    return false;
  }
  enter(tick, told, stepAfter(told));
  return true;
}

export function enter(tick: Tick, unit: Unit, step: DeploymentStep): void {
  const state = unit.state === 'waiting' ? 'running' : unit.state;
  const notes = withoutStepNotes(unit.notes);
  tick.put({ ...unit, step, state, notes, enteredAtMs: tick.nowMs, deadlineAtMs: null });
}

/** Back to an earlier step, under new keys: what was done under the old ones no longer holds. */
function again(tick: Tick, unit: Unit, step: DeploymentStep, why: string): boolean {
  const target = ROUTES[routeOfUnit(unit)].includes(step) ? step : 'busy';
  const turned = withNotes({ ...unit, attempt: unit.attempt + 1 }, { verified: null, died: null, terminating: null });
  enter(tick, turned, target);
  if (turned.attempt < MAX_ATTEMPTS) return true;
  tick.put(withNotes({ ...(tick.unit(unit.old.id) ?? turned) }, { stuck: true }));
  tick.pause(`${unit.old.id}: ${why}, again and again`);
  return false;
}

const DRAIN: readonly DeploymentStep[] = ['cordon', 'announce', 'close_idle', 'busy', 'verify_empty', 'warm'];
const SERVES: readonly DeploymentStep[] = ['verify', 'admit', ...DRAIN, 'terminate', 'analyze', 'return'];

function whoDied({ observation, nowMs, state }: Tick, unit: Unit): 'leaving' | 'arriving' | undefined {
  const arriving = arrivingOf(unit);
  const isRehearsal = state.request.kind === 'rehearsal';
  if (routeOfUnit(unit) === 'leave') return undefined;
  if (isRehearsal) return unit.step !== 'waiting' && died(leavingOf(unit)) ? 'arriving' : undefined;
  const mustLive = wasLaunched(unit, arriving) ? SERVES.includes(unit.step) : unit.step === 'admit';
  if (arriving !== null && mustLive && died(arriving)) return 'arriving';
  return DRAIN.includes(unit.step) && died(leavingOf(unit)) ? 'leaving' : undefined;

  function died(id: string): boolean {
    return hasDied(unit, id, observation, nowMs);
  }
}

/** Its sessions are elsewhere already; what is left of it is cleared away. */
function skipDrain(tick: Tick, unit: Unit): void {
  const detail = `${leavingOf(unit)} died; its agents have gone elsewhere by themselves`;
  const told = conclude(tick, unit, { outcome: 'skipped', detail, facts: { died: true } });
  enter(tick, withNotes(told, { died: true }), 'terminate');
}

function finish(tick: Tick, unit: Unit): void {
  const cleared = clearedAway(tick, unit);
  if (cleared !== undefined) return tick.put(cleared);
  const endAs = unit.notes.endAs as Unit['state'] | undefined;
  const usual = routeOfUnit(unit) === 'leave' ? 'skipped' : goesBack(unit) ? 'rolled_back' : 'done';
  tick.put({ ...unit, state: endAs ?? usual, deadlineAtMs: null });
}

export function tell(tick: Tick, { old, step }: Unit, unmet: readonly Unmet[]): void {
  for (const one of unmet) tick.unmet.push({ node: old.id, step, holders: [], held: 0, ...one });
}
