import type { NodeHealth } from '@culvert/contracts';
import { BEAT_EVERY_MS, type NodeView } from '@culvert/registry';

/** A beat that is later than this was missed: one and a half times what is between two, jitter included. ms. */
const LATE_MS = 3_000;
/** Of a worker's capacity: from here on its sessions should be able to go elsewhere. */
const NEARLY_FULL = 0.9;

type Level = NodeHealth['level'];
interface Finding {
  readonly level: Level;
  readonly reason: string;
}

const RANK: Readonly<Record<Level, number>> = { ok: 0, warn: 1, bad: 2 };

const STATES: Readonly<Record<NodeView['state'], Finding | undefined>> = {
  ready: undefined,
  booting: { level: 'warn', reason: 'starting' },
  cordoned: { level: 'warn', reason: 'cordoned: it takes no new sessions' },
  draining: { level: 'warn', reason: 'draining: its work goes elsewhere' },
  empty: { level: 'warn', reason: 'empty: it may be terminated' },
  suspect: { level: 'bad', reason: 'suspect: it is cut off from the registry' },
  dead: { level: 'bad', reason: 'dead: its lease is over' },
};

/** How each of these nodes is to be taken, and why. All of them are asked for: a version unlike the others' is told, too. */
export function healthIn(nodes: readonly NodeView[]): (node: NodeView) => NodeHealth {
  const usual = usualVersions(nodes);
  return (node) => {
    const findings = [...findingsOf(node), ...versionFinding(node, usual.get(node.role))];
    const level = findings.reduce<Level>((worst, one) => (RANK[one.level] > RANK[worst] ? one.level : worst), 'ok');
    return { level, reasons: findings.toSorted((a, b) => RANK[b.level] - RANK[a.level]).map(({ reason }) => reason) };
  };
}

function findingsOf(node: NodeView): Finding[] {
  const { state, cordoned, leaseAgeMs } = node;
  const found: Finding[] = [];
  const ofState = STATES[state];
  if (ofState !== undefined) found.push(ofState);
  if (state === 'dead') return [{ level: 'bad', reason: `dead: its last beat came ${seconds(leaseAgeMs)} ago` }];
  if (cordoned && state !== 'cordoned' && state !== 'draining' && state !== 'empty') {
    found.push({ level: 'warn', reason: 'cordoned: it takes no new sessions' });
  }
  if (leaseAgeMs > LATE_MS) {
    const due = seconds(BEAT_EVERY_MS);
    found.push({ level: 'warn', reason: `its last beat came ${seconds(leaseAgeMs)} ago; one is due every ${due}` });
  }
  return [...found, ...problemsOf(node), ...roomOf(node)];
}

/** What its own checks say. Of a node that is on its way in or out they are no surprise. */
function problemsOf({ state, problems = [] }: NodeView): Finding[] {
  const level = state === 'ready' || state === 'cordoned' || state === 'suspect' ? 'bad' : 'warn';
  return problems.map((reason) => ({ level, reason }));
}

function roomOf({ role, sessions, capacity }: NodeView): Finding[] {
  if (role !== 'worker' || sessions < capacity * NEARLY_FULL) return [];
  const how = sessions >= capacity ? 'full' : 'nearly full';
  return [{ level: 'warn', reason: `${how}: ${sessions} of ${capacity} sessions` }];
}

/** For information: during a deployment that is as it should be. */
function versionFinding({ version, role, state }: NodeView, usual: string | undefined): Finding[] {
  if (usual === undefined || usual === version || state === 'dead') return [];
  return [{ level: 'ok', reason: `runs ${version}; most of the role ${role} run ${usual}` }];
}

/** By role, the version that more than half of those that live run; none where there is no such. */
function usualVersions(nodes: readonly NodeView[]): ReadonlyMap<NodeView['role'], string> {
  const alive = Map.groupBy(
    nodes.filter(({ state }) => state !== 'dead'),
    ({ role }) => role,
  );
  const usual = new Map<NodeView['role'], string>();
  for (const [role, some] of alive) {
    for (const [version, same] of Map.groupBy(some, (node) => node.version)) {
      if (same.length * 2 > some.length) usual.set(role, version);
    }
  }
  return usual;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
