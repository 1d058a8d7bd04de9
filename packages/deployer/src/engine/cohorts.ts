import type { NodeStats } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import type { Cohort, EffectResult } from '../core/types.ts';
import type { Ledger, Put } from './ledger.ts';

/** A node's counters when they were first seen for this deployment, and last. */
interface Counted {
  readonly base: NodeStats;
  readonly last: NodeStats;
}

type Setup = NodeStats['setup'];

/** Notes what nodes count, so that each counts from when it was first seen, whichever deploy worker looks. */
export async function noteStats(ledger: Ledger, answers: ReadonlyMap<NodeView, NodeStats>): Promise<Put> {
  const entries = new Map<string, Counted>();
  for (const [{ id, boot }, last] of answers) {
    const key = `c/${id}/${boot}`;
    const known = ledger.get(key) as Counted | undefined;
    entries.set(key, { base: known?.base ?? last, last });
  }
  return ledger.put(entries);
}

/** How some nodes have fared, those that are gone by now included. `answered`: of these ids, who answered this time. */
export function cohortOf(
  ledger: Ledger,
  ids: readonly string[],
  answered: ReadonlySet<string>,
  results: Readonly<Record<string, EffectResult>>,
): Cohort {
  const counted = ids.flatMap((id) => ledger.keys(`c/${id}/`).map((key) => ledger.get(key) as Counted));
  const sum = (of: (stats: NodeStats) => number): number =>
    counted.reduce((total, { base, last }) => total + of(last) - of(base), 0);
  const bounds = [...new Set(counted.flatMap(({ last }) => last.setup.map(({ le }) => le)))];
  return {
    nodes: ids.filter((id) => answered.has(id)).length,
    asked: sum(({ asked }) => asked),
    opened: sum(({ opened }) => opened),
    failed: sum(({ failed }) => failed),
    lost: sum(({ lost }) => lost),
    setup: bounds
      .sort((one, other) => one - other)
      .map((le) => ({ le, count: sum(({ setup }) => countAt(setup, le)) })),
    probes: probesOf(ids, results),
  };
}

/** Cumulative; nodes of two versions may have other bounds. */
function countAt(setup: Setup, le: number): number {
  return setup.reduce((count, bucket) => (bucket.le <= le ? Math.max(count, bucket.count) : count), 0);
}

/** Probes say in their facts which node they went through. */
function probesOf(ids: readonly string[], results: Readonly<Record<string, EffectResult>>): Cohort['probes'] {
  const probes = Object.values(results)
    .map(({ facts }) => facts)
    .filter(({ node, asked, failed }) => ids.includes(String(node)) && isNumber(asked) && isNumber(failed));
  const times = probes
    .map(({ p50Ms }) => p50Ms)
    .filter(isNumber)
    .sort((one, other) => one - other);
  return {
    asked: probes.reduce((total, { asked }) => total + Number(asked), 0),
    failed: probes.reduce((total, { failed }) => total + Number(failed), 0),
    p50Ms: times[Math.floor(times.length / 2)] ?? null,
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
