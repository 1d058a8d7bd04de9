import { roomElsewhere, roomFor } from './capacity.ts';
import { end, isHeld } from './ending.ts';
import { forecast } from './forecast.ts';
import { plan } from './plan.ts';
import type { Unmet } from './steps/step.ts';
import { strategyOf } from './strategy.ts';
import type { Tick } from './tick.ts';
import { aliveNode } from './world.ts';

/** For what is not healthy to become so, ms. */
export const PREFLIGHT_LIMIT_MS = 60_000;
/** An answer that only the forecast of a real run lacks is not waited for longer, ms. */
const SESSIONS_PATIENCE_MS = 5_000;

/** Looks whether it can begin, freezes the plan, and foretells it. Nothing is touched. */
export function preflight(tick: Tick): void {
  const { state, nowMs } = tick;
  if (state.state === 'pending') {
    tick.state = { ...state, startedAtMs: nowMs };
    tick.become('preflight', null);
    tick.note({ preflightFromMs: nowMs });
    const { version, role, pool } = state.request;
    tick.event('deployment.created', { version, role, pool, by: state.createdBy });
  }
  if (isHeld(tick.state)) return hold(tick);
  const { units, warnings } = plan(tick.state, tick.observation, nowMs);
  const isSamePlan =
    units.length === tick.units.length && units.every(({ old }, i) => old.boot === tick.units[i]?.old.boot);
  if (!isSamePlan) tick.state = { ...tick.state, units };
  if (units.length === 0) return end(tick, 'rejected', nobody(tick));

  const unmet = conditions(tick);
  if (unmet.length > 0) return wait(tick, unmet);
  const strategy = strategyOf(state.request, units.length);
  tick.state = { ...tick.state, forecast: forecast(tick.state, strategy, tick.observation, warnings) };
  if (state.request.dryRun) return end(tick, 'succeeded', 'a dry run: nothing was touched');
  tick.note({ checked: true });
  if (isHeld(tick.state)) return hold(tick);
  tick.note({ begun: true });
  tick.become('running', null);
}

function nobody({ state: { request } }: Tick): string {
  if (request.node !== null) return `there is no live ${request.role} ${request.node} in pool ${request.pool}`;
  return `there is no ${request.kind === 'rehearsal' ? 'ready' : 'live'} ${request.role} in pool ${request.pool}`;
}

function hold(tick: Tick): void {
  // What was true when it was planned need not be so when it begins: then it is looked at again.
  tick.note({ preflightFromMs: tick.nowMs });
  tick.pause('it is held');
}

function wait(tick: Tick, unmet: readonly Unmet[]): void {
  tell(tick, unmet);
  const from = tick.state.notes.preflightFromMs;
  if (typeof from !== 'number' || tick.nowMs - from < PREFLIGHT_LIMIT_MS) return;
  end(tick, 'rejected', unmet.map(({ condition }) => condition).join('; '));
}

function tell(tick: Tick, unmet: readonly Unmet[]): void {
  for (const one of unmet) tick.unmet.push({ node: null, step: null, holders: [], held: 0, ...one });
}

function conditions(tick: Tick): Unmet[] {
  const { state, observation, units, nowMs } = tick;
  const { request } = state;
  const unmet: Unmet[] = units.flatMap(({ old }) => {
    const node = aliveNode(observation, old.id);
    const health = observation.health[old.id];
    const isServing = node?.state === 'ready' && !node.cordoned;
    const not = (condition: string) => [
      { code: 'not_ready', condition: `${old.id} ${condition}`, endsWhen: 'it is ready' },
    ];
    if (node === undefined || node.state === 'booting' || node.state === 'suspect') {
      return not(`is ${node?.state ?? 'not there'}`);
    }
    if (health === undefined || health.unreachable) return not('does not answer');
    return isServing && !health.ready ? not(`is not ready: ${health.reasons.join(', ')}`) : [];
  });
  if (request.kind === 'release' && 'error' in observation.provided) {
    const condition = `the node provider does not answer: ${observation.provided.error}`;
    unmet.push({ code: 'provider', condition, endsWhen: 'it answers' });
  }
  const from = Number(state.notes.preflightFromMs ?? nowMs);
  const isPatient = request.dryRun || nowMs - from < SESSIONS_PATIENCE_MS;
  if (request.role === 'worker' && observation.sessions === undefined && isPatient) {
    unmet.push({
      code: 'sessions',
      condition: 'the sessions are not listed yet',
      endsWhen: 'the registry has listed them',
    });
  }
  unmet.push(...shortage(tick));
  return unmet;
}

/** Absolute numbers: the sessions that are there now, and the room for them while nodes are drained. */
function shortage({ state: { request }, observation, units }: Tick): Unmet[] {
  if (request.role !== 'worker') return [];
  const room = request.kind === 'rehearsal' ? roomElsewhere(units, observation) : roomFor(units, observation);
  if (room >= 0) return [];
  const condition =
    room === Number.NEGATIVE_INFINITY ? 'there is no other worker' : `room for ${-room} sessions is missing`;
  return [{ code: 'capacity', condition, endsWhen: 'sessions leave, or workers come' }];
}
