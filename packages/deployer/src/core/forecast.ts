import type { DeploymentForecast } from '@culvert/contracts';
import { roomWithoutNew } from './capacity.ts';
import type { Strategy } from './strategy.ts';
import type { CoreState, Observation, Unit } from './types.ts';
import { nodeOf } from './world.ts';

/** What moves take: sessions a second that one worker is sent. */
const MOVES_PER_SECOND = 100;
/** From a launch to the end of its probes; the steps between that wait for a moment only; ms. */
const START_MS = 4_000;
const STEPS_MS = 2_000;
const MAX_SESSIONS = 100;

/** What would happen, if nothing has to be waited for. */
export function forecast(
  state: CoreState,
  strategy: Strategy,
  observation: Observation,
  more: readonly string[],
): DeploymentForecast {
  const { units, request } = state;
  const nodes = units.map((unit) => {
    const seen = nodeOf(observation, unit.old.id);
    const report = observation.drains[unit.old.id];
    const sessions = seen?.sessions ?? 0;
    const counted = observation.sessions?.filter(
      ({ node, connections }) => node === unit.old.id && connections > 0,
    ).length;
    return {
      ...{ id: unit.old.id, version: unit.old.version, replacement: unit.replacement ?? '', wave: unit.wave, sessions },
      busy: Math.min(sessions, report !== undefined && report.idle + report.busy > 0 ? report.busy : (counted ?? 0)),
      connections: seen?.connections ?? 0,
    };
  });
  const ids = new Set(nodes.map(({ id }) => id));
  const sessions = (observation.sessions ?? [])
    .filter(({ node }) => ids.has(node))
    .toSorted((a, b) => b.connections - a.connections)
    .slice(0, MAX_SESSIONS)
    .map(({ id, tenant, name, node, connections }) => ({ id, tenant, name, node, connections }));
  const warnings = [...more, ...warningsOf(state, strategy, observation)];
  return { nodes, estimateMs: estimate(state, strategy, observation), sessions, warnings: warnings.slice(0, 50) };

  function estimate(plan: CoreState, { drains }: Strategy, seen: Observation): number {
    const waves = new Map<number, Unit[]>();
    for (const unit of plan.units) waves.set(unit.wave, [...(waves.get(unit.wave) ?? []), unit]);
    let totalMs = request.strategy === 'blue-green' ? request.keepWarmMs : 0;
    for (const [wave, members] of waves) {
      const targets = request.policy === 'wait' ? 1 : Math.max(1, plan.units.length - Math.min(drains, members.length));
      const most = Math.max(...members.map(({ old }) => nodeOf(seen, old.id)?.sessions ?? 0));
      const watchMs =
        wave === 1 && request.strategy === 'canary' ? (request.canary?.analyzeMs ?? 0) : request.analyzeMs;
      const startMs = request.kind === 'rehearsal' ? (most / MOVES_PER_SECOND) * 1_000 : START_MS;
      const rounds = Math.ceil(members.length / drains);
      totalMs += startMs + watchMs + rounds * (STEPS_MS + (most / (MOVES_PER_SECOND * targets)) * 1_000);
    }
    return Math.round(totalMs);
  }
}

function warningsOf({ units, request }: CoreState, { drains }: Strategy, observation: Observation): string[] {
  const warnings: string[] = [];
  for (const { old } of units) {
    const direct = observation.drains[old.id]?.direct ?? 0;
    if (direct > 0)
      warnings.push(`${old.id} has ${direct} connections on its own address; they are waited for, not moved`);
    const longest = observation.holders[old.id]?.items[0]?.sinceMs;
    const node = nodeOf(observation, old.id);
    const isLong = longest !== undefined && node !== undefined && observation.holders[old.id] !== undefined;
    if (request.policy === 'wait' && isLong && (node?.connections ?? 0) > 0) {
      warnings.push(
        `${old.id} has connections that are open since ${new Date(longest).toISOString()}; each is waited for until the deadline`,
      );
    }
    if (node?.cordoned === true) warnings.push(`${old.id} is cordoned; its replacement will take sessions`);
  }
  const shortage = roomWithoutNew(units, observation, drains);
  if (request.role === 'worker' && shortage < 0) {
    warnings.push(
      `without the nodes that are drained, the old ones lack room for ${-shortage} sessions: the new ones have to hold them`,
    );
  }
  return warnings;
}
