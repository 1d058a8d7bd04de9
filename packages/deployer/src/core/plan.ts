import type { NodeView } from '@culvert/registry';
import { replacementId } from './ids.ts';
import { routeOf, strategyOf, waveOf } from './strategy.ts';
import type { CoreState, Observation, Unit } from './types.ts';

export interface Plan {
  readonly units: readonly Unit[];
  readonly warnings: readonly string[];
}

/**
 * Which nodes are replaced, in which order: those of the role and pool that live. If some but not all of them run the version
 * already, these are left alone; if all do, each is started anew.
 */
export function plan(state: CoreState, observation: Observation, nowMs: number): Plan {
  const { request } = state;
  const live = observation.nodes
    .filter((node) => node.role === request.role && node.pool === request.pool && node.state !== 'dead')
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  const chosen = request.kind === 'rehearsal' ? rehearsed(live, request.node) : replaced(live, request.version);
  const strategy = strategyOf(request, chosen.nodes.length);
  const taken = new Set(observation.nodes.map(({ id }) => id));
  const units = chosen.nodes.map((node, index): Unit => {
    const wave = waveOf(strategy, index);
    const replacement = request.kind === 'rehearsal' ? null : replacementId(node.id, state.id, taken);
    if (replacement !== null) taken.add(replacement);
    return {
      ...{ old: { id: node.id, boot: node.boot, version: node.version }, replacement, wave },
      ...{ step: 'waiting', attempt: 1, state: 'waiting', enteredAtMs: nowMs, deadlineAtMs: null, evidence: [] },
      notes: {
        ...{
          route: routeOf(request, wave),
          leaving: node.id,
          arriving: replacement ?? '',
          cordonedBefore: node.cordoned,
        },
        ...{ sessions: node.sessions, connections: node.connections },
      },
    };
  });
  return { units, warnings: chosen.warnings };
}

function replaced(live: readonly NodeView[], version: string): { nodes: readonly NodeView[]; warnings: string[] } {
  const others = live.filter((node) => node.version !== version);
  if (others.length === live.length) return { nodes: live, warnings: [] };
  if (others.length === 0) return { nodes: live, warnings: [`all nodes run ${version} already; each is started anew`] };
  const names = live.filter((node) => node.version === version).map(({ id }) => id);
  return { nodes: others, warnings: [`${names.join(', ')} run ${version} already, and are left alone`] };
}

/** The one that was asked for; else the one that it costs least. */
function rehearsed(
  live: readonly NodeView[],
  asked: string | null,
): { nodes: readonly NodeView[]; warnings: string[] } {
  const candidates = live.filter((node) =>
    asked === null ? node.state === 'ready' && !node.cordoned : node.id === asked,
  );
  return { nodes: candidates.toSorted((a, b) => a.connections - b.connections).slice(0, 1), warnings: [] };
}
