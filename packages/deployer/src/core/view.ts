import type { Deployment, DeploymentNode } from '@culvert/contracts';
import type { CoreState, Observation, Unit } from './types.ts';
import { leavingOf } from './unit.ts';
import { nodeOf } from './world.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** What the API shows. Without an observation, counts are those that were noted last. */
export function toView(state: CoreState, observation: Observation | null, revision: number): Deployment {
  const { request, units } = state;
  return {
    ...{ id: state.id, kind: request.kind, state: state.state, strategy: request.strategy, policy: request.policy },
    version: request.version === '' ? (units[0]?.old.version ?? '') : request.version,
    ...{ role: request.role, pool: request.pool, request, revision },
    ...{ createdAt: iso(state.createdAtMs), createdBy: state.createdBy, enteredAt: iso(state.enteredAtMs) },
    ...{ finishedAt: isoOrNull(state.finishedAtMs), reason: state.reason },
    nodes: units.map((unit) => toNode(unit, state, observation)),
    forecast: state.forecast ?? null,
    events: state.log.map(({ atMs, ...entry }) => ({ at: iso(atMs), ...entry })),
  };
}

function toNode(unit: Unit, { request }: CoreState, observation: Observation | null): DeploymentNode {
  const counts = countsOf(unit, observation);
  return {
    ...{ id: unit.old.id, replacement: unit.replacement, from: unit.old.version },
    to: unit.replacement === null ? unit.old.version : request.version,
    ...{
      step: unit.step,
      state: unit.state,
      enteredAt: iso(unit.enteredAtMs),
      deadlineAt: isoOrNull(unit.deadlineAtMs),
    },
    ...counts,
    evidence: [...unit.evidence],
  };
}

/** Of the node that leaves: by its own word if it drains, else by its last beat. */
export function countsOf(unit: Unit, observation: Observation | null) {
  const { notes } = unit;
  const noted = {
    sessions: Number(notes.sessions ?? 0),
    busy: Number(notes.busy ?? 0),
    connections: Number(notes.connections ?? 0),
  };
  if (observation === null) return noted;
  const report = observation.drains[leavingOf(unit)];
  if (report !== undefined && report.state !== 'off') {
    return { sessions: report.idle + report.busy, busy: report.busy, connections: report.connections };
  }
  const node = nodeOf(observation, leavingOf(unit));
  if (node === undefined || node.state === 'dead') return { sessions: 0, busy: 0, connections: 0 };
  const busy = report === undefined ? Math.min(noted.busy, node.sessions) : report.busy;
  return { sessions: node.sessions, busy, connections: node.connections };
}
