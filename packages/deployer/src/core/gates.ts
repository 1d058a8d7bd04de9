import type { Unmet } from './steps/step.ts';
import type { Strategy } from './strategy.ts';
import type { Tick } from './tick.ts';
import type { Unit } from './types.ts';
import { goesBack, hasReached, isFinished, isUnderWay, leavingOf, routeOfUnit } from './unit.ts';

/** What a unit has to wait for before it may begin its step; undefined: nothing. */
export function gate(tick: Tick, strategy: Strategy, unit: Unit): Unmet | undefined {
  const route = routeOfUnit(unit);
  if (route === 'leave') return undefined;
  switch (unit.step) {
    case 'waiting':
      return goesBack(unit) ? mayComeBack(tick, strategy, unit) : mayBegin(tick, strategy, unit);
    case 'admit':
      if (route === 'switch') return allVerified(tick, unit, () => true);
      if (route === 'canary') return allVerified(tick, unit, ({ wave }) => wave === unit.wave);
      return route === 'replace' && strategy.admit !== 'when_verified' ? mayDrain(tick, strategy, unit) : undefined;
    case 'cordon':
      return route === 'rehearse' ? undefined : mayDrain(tick, strategy, unit);
    case 'busy':
      return route.endsWith('stateless') ? mayDrain(tick, strategy, unit) : undefined;
    default:
      return undefined;
  }
}

function mayBegin({ state, units, observation }: Tick, strategy: Strategy, unit: Unit): Unmet | undefined {
  const { request } = state;
  if (request.inWindow && !observation.window.open) return windowClosed(observation.window.opensAtMs);
  if (strategy.canaries > 0 && unit.wave > 1 && !units.every((one) => one.wave > 1 || hasBeenWatched(one))) {
    return turn('the canaries are not promoted yet', 'their analysis passes, or promote');
  }
  const ahead = units.filter((one) => !goesBack(one) && isUnderWay(one) && !hasReached(one, 'terminate')).length;
  if (ahead < strategy.ahead) return undefined;
  return turn(`${ahead} new nodes stand beside old ones`, 'one of the old ones is empty');
}

const hasBeenWatched = (canary: Unit): boolean => isFinished(canary) || hasReached(canary, 'cordon');

function mayComeBack({ units }: Tick, strategy: Strategy, unit: Unit): Unmet | undefined {
  const isRelaunch = (one: Unit) => routeOfUnit(one).startsWith('relaunch');
  if (!isRelaunch(unit)) return undefined;
  const ahead = units.filter((one) => isRelaunch(one) && isUnderWay(one) && !hasReached(one, 'terminate')).length;
  return ahead < strategy.ahead
    ? undefined
    : turn(`${ahead} old nodes are being launched again`, 'one of them has taken over');
}

function allVerified({ units }: Tick, unit: Unit, among: (one: Unit) => boolean): Unmet | undefined {
  const left = units.filter((one) => among(one) && one !== unit && !isFinished(one) && !hasReached(one, 'admit'));
  return left.length === 0 ? undefined : turn(`${left.length} new nodes are not verified yet`, 'all of them are');
}

/** A place among those that are drained, and the waves before it finished. On the way back, all that still runs serves first. */
function mayDrain(tick: Tick, strategy: Strategy, unit: Unit): Unmet | undefined {
  const others = tick.units.filter((one) => one.old.id !== unit.old.id);
  if (goesBack(unit)) {
    const still = others.filter((one) => isReadmitted(one) && !isFinished(one) && !hasPassedAdmit(one));
    if (still.length > 0) return turn(`${still.length} old nodes do not take sessions again yet`, 'they do');
  } else if (others.some((one) => one.wave < unit.wave && !isFinished(one))) {
    return turn(`wave ${unit.wave - 1} is not finished`, 'all of its nodes are done');
  }
  const drained = others.filter((one) => holdsPlace(one, strategy)).map(leavingOf);
  if (drained.length < strategy.drains) return undefined;
  return turn(`${drained.join(', ')} ${drained.length > 1 ? 'are' : 'is'} being drained`, 'it is empty');
}

const isReadmitted = (unit: Unit): boolean => ['readmit', 'discard', 'leave'].includes(routeOfUnit(unit));
const hasPassedAdmit = (unit: Unit): boolean => hasReached(unit, 'cordon') || hasReached(unit, 'terminate');

const DRAINED = ['announce', 'close_idle', 'busy', 'verify_empty'];

function holdsPlace(unit: Unit, strategy: Strategy): boolean {
  if (isFinished(unit) || routeOfUnit(unit) === 'leave') return false;
  const isOpen = unit.notes['step.open'] === true;
  if (unit.step === 'cordon' || (unit.step === 'busy' && routeOfUnit(unit).endsWith('stateless'))) return isOpen;
  if (unit.step === 'admit') return isOpen && routeOfUnit(unit) === 'replace' && strategy.admit !== 'when_verified';
  return DRAINED.includes(unit.step);
}

const turn = (condition: string, endsWhen: string): Unmet => ({ code: 'turn', condition, endsWhen });

function windowClosed(opensAtMs: number | null): Unmet {
  const endsWhen =
    opensAtMs === null ? 'a window is set up and opens' : `it opens at ${new Date(opensAtMs).toISOString()}`;
  return { code: 'window_closed', condition: 'no maintenance window is open', endsWhen };
}
