import type { NodeView } from '@culvert/registry';
import type { ChaosClient, NodeCounts } from '@culvert/service';
import { type EdgeMark, MAX_GAPS, type StoredRun } from './stored-run.ts';

/**
 * What gateways and workers' own addresses have counted since the run began. Asked of the processes themselves: a run may
 * take Redis away, or empty it. One that does not answer is asked again at the next look.
 */
export async function readEdges(stored: StoredRun, nodes: readonly NodeView[], client: ChaosClient): Promise<void> {
  const edges = nodes.filter(({ role, state }) => (role === 'gateway' || role === 'worker') && state !== 'dead');
  await Promise.allSettled(edges.map((node) => readEdge(stored, node, client)));
  sumUp(stored, nodes);
}

/** At the beginning of a run every edge is marked; one that comes later has begun at nothing. */
async function readEdge(stored: StoredRun, node: NodeView, client: ChaosClient): Promise<void> {
  const counted = await client.counts(node.admin);
  // By the process, which may take a new boot for its lease and go on with the same log.
  const name = `${node.id}#${counted.boot}`;
  const marked = stored.edges[name];
  const records = await client.reattached(node.admin, marked?.seq ?? 0);
  const underWay = stored.run.steps.some(({ state }) => state !== 'waiting');
  const mark = marked ?? firstMark(counted.real, records.next, underWay);
  stored.edges[name] = mark;
  mark.opened = counted.real.opened - mark.openedBefore;
  mark.failed = counted.real.failed - mark.failedBefore;
  if (marked === undefined && !underWay) return;
  const { figures } = stored.run;
  for (const { outcome, gapMs } of records.items) {
    if (outcome === 'lost') figures.lost += 1;
    else {
      figures.resumed += 1;
      if (stored.gaps.length < MAX_GAPS) stored.gaps.push(gapMs);
    }
  }
  mark.seq = records.next;
}

function firstMark({ opened, failed }: NodeCounts['real'], seq: number, underWay: boolean): EdgeMark {
  const before = underWay ? { openedBefore: 0, failedBefore: 0 } : { openedBefore: opened, failedBefore: failed };
  return { ...before, seq: underWay ? 0 : seq, opened: 0, failed: 0 };
}

function sumUp({ edges, run }: StoredRun, nodes: readonly NodeView[]): void {
  const marks = Object.values(edges);
  const { figures } = run;
  figures.opened = marks.reduce((sum, { opened }) => sum + opened, 0);
  figures.failed = marks.reduce((sum, { failed }) => sum + failed, 0);
  const lives = new Set(nodes.filter(({ role, state }) => role === 'gateway' && state !== 'dead').map(({ id }) => id));
  figures.edgesEnded = Math.max(figures.edgesEnded, endedOf(Object.keys(edges), lives));
}

/** Gateways of which another life is known by now, or none. */
function endedOf(names: readonly string[], lives: ReadonlySet<string>): number {
  const gateways = names.map((name) => name.slice(0, name.lastIndexOf('#'))).filter((id) => lives.has(id));
  return gateways.length - new Set(gateways).size;
}
