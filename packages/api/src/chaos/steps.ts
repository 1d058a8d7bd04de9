import { CulvertError, toCulvertError } from '@culvert/base';
import type { ChaosFault, ChaosStep, NodeFault } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { type Observation, troubles } from './observe.ts';
import { nameOf } from './promises.ts';
import type { RestartRedis } from './redis-restarter.ts';
import type { StepMark, StoredRun } from './stored-run.ts';
import { chooseNodes, randomOf, targetOf } from './targets.ts';

/** What a node does before it does what it was told to: its last words. */
const BEGIN_MS = 100;
const RECOVER_MS = 120_000;
/** A node that is started again is waited for so long before the next fault; one that nobody starts again is not. */
const BACK_MS = 20_000;

export interface StepWorld {
  readonly now: () => number;
  /** Tells one node. Rejects with `chaos_active`, `node_unreachable` … */
  readonly order: (node: NodeView, fault: NodeFault) => Promise<void>;
  readonly restartRedis: RestartRedis;
  /** Kept before a fault is carried out: whoever goes on with the run must know of it. */
  readonly keep: () => Promise<void>;
  readonly began: (fault: string, node: string) => void;
}

/** How long the fault itself lasts, ms. */
export function durationOf(fault: ChaosFault): number {
  if (fault.type === 'restart_redis') return fault.downMs ?? 0;
  return fault.type === 'kill' ? 0 : fault.durationMs;
}

/** Moves the step `at` on by as much as can be told now. `seen`: how the cluster looks. */
export async function advance(stored: StoredRun, at: number, seen: Observation, world: StepWorld): Promise<void> {
  const step = stored.run.steps[at];
  if (step === undefined) return;
  if (step.state === 'waiting') await begin(stored, at, step, seen, world);
  // Orders that were not sent when somebody else went on with the run are sent by whoever does.
  else if (step.state === 'active') await carryOn(stored, at, step, seen, world);
  else if (step.state === 'recovering') recover(stored, at, step, seen, world.now());
}

async function begin(
  stored: StoredRun,
  at: number,
  step: ChaosStep,
  seen: Observation,
  world: StepWorld,
): Promise<void> {
  const now = world.now();
  if (now < stored.startedMs + step.afterMs) return;
  const found = troubles(seen, stored.killed);
  const waits = at > 0 ? [...found, ...notBack(stored, at, now)] : found;
  if (waits.length > 0 && stored.body.force !== true) {
    step.detail = `waits until the cluster is well: ${waits[0]}`;
    return;
  }
  const target = targetOf(step.fault);
  const nodes = target ? chooseNodes(target, seen.nodes ?? [], randomOf(stored.run.seed + at)) : [];
  step.nodes = nodes.map(({ id, role, boot }) => ({ id, role, boot, cameBack: false }));
  step.state = 'active';
  step.startedAt = new Date(now).toISOString();
  step.detail = `${nameOf(step.fault)} is under way`;
  const admins = nodes.map(({ admin }) => admin);
  stored.marks[at] = { atMs: now, admins, sent: [], server: seen.status?.server ?? null, ...costs(stored) };
  if (step.fault.type === 'kill') stored.killed.push(...nodes.map(({ id, boot }) => `${id}#${boot}`));
  await world.keep();
  await carryOn(stored, at, step, seen, world);
}

async function carryOn(
  stored: StoredRun,
  at: number,
  step: ChaosStep,
  seen: Observation,
  world: StepWorld,
): Promise<void> {
  const mark = stored.marks[at];
  if (!mark) throw new CulvertError('internal', 'a step is under way that was never begun');
  if (step.fault.type === 'restart_redis') {
    if (mark.sent.length === 0) await restart(step.fault, mark, world);
  } else await tellNodes(step, step.fault, mark, seen.nodes ?? [], world);
  if (world.now() - mark.atMs < durationOf(step.fault) + BEGIN_MS) return;
  step.state = 'recovering';
}

async function restart(
  { empty = false, downMs = 0 }: Extract<ChaosFault, { type: 'restart_redis' }>,
  mark: StepMark,
  world: StepWorld,
): Promise<void> {
  mark.sent.push('redis');
  world.began(empty ? 'restart_redis, empty' : 'restart_redis', '');
  await world.restartRedis({ empty, downMs });
}

async function tellNodes(
  step: ChaosStep,
  { target: _target, ...fault }: Exclude<ChaosFault, { type: 'restart_redis' }>,
  mark: StepMark,
  nodes: readonly NodeView[],
  world: StepWorld,
): Promise<void> {
  const due = nodes.filter(({ id, boot }) => {
    return !mark.sent.includes(id) && step.nodes.some((one) => one.id === id && one.boot === boot);
  });
  await Promise.all(
    due.map(async (node) => {
      mark.sent.push(node.id);
      world.began(fault.type, node.id);
      await world.order(node, fault).catch((error: unknown) => {
        // It does already what whoever began the run has told it.
        if (toCulvertError(error).code !== 'chaos_active') throw error;
      });
    }),
  );
}

function recover(stored: StoredRun, at: number, step: ChaosStep, seen: Observation, now: number): void {
  const mark = stored.marks[at];
  if (!mark) throw new CulvertError('internal', 'a step recovers that was never begun');
  const waits = [...troubles(seen, stored.killed), ...notGone(step, mark, seen)];
  step.detail = waits[0] === undefined ? '' : `waits: ${waits.join('; ')}`;
  if (waits.length === 0) {
    step.rtoMs = Math.round(now - mark.atMs);
    step.state = 'recovered';
  } else if (now - mark.atMs > durationOf(step.fault) + (stored.body.recoverMs ?? RECOVER_MS)) {
    step.state = 'not_recovered';
  }
}

/** Which of the nodes that were hit serve again. */
export function lookForNodes(step: ChaosStep, { nodes = [] }: Observation): void {
  for (const hit of step.nodes) {
    const node = nodes.find(({ id }) => id === hit.id);
    const other = step.fault.type !== 'kill' || node?.boot !== hit.boot;
    hit.cameBack = node !== undefined && other && (node.state === 'ready' || node.state === 'cordoned');
  }
}

/** A life that was killed is in the directory until its lease ends: till then what it had looks served. */
function notGone({ fault, nodes: hit }: ChaosStep, mark: StepMark, { nodes = [], ...seen }: Observation): string[] {
  if (fault.type === 'restart_redis') {
    if (seen.status?.server === mark.server) return ['Redis still runs as before'];
    return seen.settingsBehind ? ['the settings are not put back yet'] : [];
  }
  if (fault.type !== 'kill') return [];
  const there = hit.filter(({ id, boot }) => {
    return nodes.some((node) => node.id === id && node.boot === boot && node.state !== 'dead');
  });
  return there.map(({ id }) => `nobody has noticed yet that ${id} is gone`);
}

/** Nodes that the step before `at` hit, and that do not serve again yet; none once they were waited for long enough. */
export function notBack({ run, marks }: StoredRun, at: number, now: number): string[] {
  const [before, mark] = [run.steps[at - 1], marks[at - 1]];
  if (!before || !mark || now - mark.atMs > durationOf(before.fault) + BACK_MS) return [];
  return before.nodes.filter(({ cameBack }) => !cameBack).map(({ id }) => `${id} is not back`);
}

function costs({ run: { figures }, gaps }: StoredRun): Pick<StepMark, 'lost' | 'resumed' | 'failed' | 'gaps'> {
  const { lost, resumed, failed } = figures;
  return { lost, resumed, failed, gaps: gaps.length };
}
