import { configOf } from './config.ts';
import { type Fault, planFaults } from './faults.ts';
import { installGlobals } from './globals.ts';
import { randomOf } from './random.ts';
import { checkRegistry } from './registry-truth.ts';
import { Story } from './story.ts';
import { Timeline } from './timeline.ts';
import { verdictOn } from './verdict.ts';
import { Violation } from './violation.ts';
import { planWorkload } from './workload.ts';
import { World } from './world.ts';

/** Faults and connections that are left out, by number. */
export interface Without {
  readonly faults: ReadonlySet<number>;
  readonly connections: ReadonlySet<number>;
}

export interface SimulationOptions {
  readonly seed: number;
  /** To make a failing seed smaller. */
  readonly without?: Without;
  /** Hears each line of the story. */
  readonly tell?: (line: string) => void;
}

export interface Simulation {
  readonly seed: number;
  /** What went wrong; undefined when nothing did. */
  readonly failure: Error | undefined;
  readonly story: Story;
  readonly faults: readonly Fault[];
  readonly connections: number;
  readonly events: number;
  /** A number that any change of what happened changes. */
  readonly traceHash: number;
  readonly virtualMs: number;
  /** Connections that were opened, and bytes that arrived. */
  readonly opened: number;
  readonly bytes: number;
}

/** After the last fault, by when every connection has to have ended: the longest script, and its way back. ms. */
const LAST_END_MS = 240_000;
/** Behind the last end: what is remembered of ended streams is forgotten. ms. */
const FORGET_MS = 70_000;
const SLICE_MS = 5_000;
/** For a whole cluster to start. */
const READY_MS = 30_000;

/** One run, decided by its seed alone. Never rejects. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { seed, without } = options;
  const config = configOf(seed);
  const timeline = new Timeline();
  const story = new Story(timeline, options.tell);
  const { agents, gateways, connections: count, spanMs } = config;
  const plans = planWorkload(randomOf(seed, 'workload'), { count, spanMs, agents, gateways });
  const faults = planFaults(seed, config).filter(({ number }) => !without?.faults.has(number));
  const uninstall = installGlobals(timeline, randomOf(seed, 'chance'));
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const world = new World(seed, config, plans, timeline, story);
  for (const { plan } of world.ledger.records) {
    if (without?.connections.has(plan.number)) world.ledger.of(plan.number).orphaned = true;
  }
  let failure: Error | undefined;
  try {
    await run(world, faults, rejections);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    uninstall();
    process.off('unhandledRejection', onRejection);
  }
  const { records } = world.ledger;
  return {
    seed,
    failure,
    story,
    faults,
    connections: records.length,
    events: timeline.events,
    traceHash: timeline.traceHash,
    virtualMs: timeline.nowMs,
    opened: records.filter(({ openedAtMs }) => openedAtMs !== undefined).length,
    bytes: records.reduce((sum, { browser, target }) => sum + (browser?.received ?? 0) + (target?.received ?? 0), 0),
  };
}

async function run(world: World, faults: readonly Fault[], rejections: readonly unknown[]): Promise<void> {
  const { timeline, invariants, ledger } = world;
  const after = (): void => {
    if (rejections.length > 0)
      throw new Violation('no process crashes', `a rejection that nobody handled: ${String(rejections[0])}`);
    invariants.check();
  };
  world.start();
  while (!world.ready) {
    if (timeline.nowMs > READY_MS) throw new Violation('agents find their workers', 'not every agent has a link');
    await timeline.run(timeline.nowMs + 100, after);
  }
  world.begin(faults);
  await timeline.run(timeline.nowMs + Math.max(0, ...faults.map(({ atMs }) => atMs)), after);
  while (timeline.nowMs < world.calmMs) await timeline.run(world.calmMs, after);
  const lastMs = timeline.nowMs + LAST_END_MS;
  while (ledger.open.length > 0 && timeline.nowMs < lastMs) await timeline.run(timeline.nowMs + SLICE_MS, after);
  const open = ledger.open.map((record) => record.name);
  if (open.length > 0) throw new Violation('every stream ends', `still open: ${open.join(', ')}`);
  for (const record of ledger.records) {
    const wrong = verdictOn(record, world.circumstancesOf(record));
    if (wrong !== undefined) throw new Violation('no connection is lost', `${record.name}: ${wrong}`);
  }
  await timeline.run(timeline.nowMs + FORGET_MS, after);
  checkAgents(world);
  checkRegistry(world);
  checkAllReturned(world);
}

/** Of the agents of one session, one is left, and it serves. */
function checkAgents({ agents }: World): void {
  for (const { sessionId } of agents) {
    const left = agents.filter((agent) => agent.sessionId === sessionId && !agent.ended);
    const linked = left.filter(({ supervisor }) => supervisor.linked);
    if (left.length === 1 && linked.length === 1) continue;
    throw new Violation(
      'one agent serves a session',
      `${sessionId} has ${left.length} agents, ${linked.length} with a link`,
    );
  }
}

/** Everything that was taken has been given back. */
function checkAllReturned({ agents, gateways, workers }: World): void {
  const left = (what: string, count: number): void => {
    if (count !== 0) throw new Violation('every buffer is returned', `${what}: ${count}`);
  };
  for (const { process, budget, keptBudget, window, streams } of agents) {
    left(`windows of ${process.name}, bytes`, budget.reserved);
    left(`kept bytes of ${process.name}`, keptBudget.reserved);
    left(`streams of ${process.name}`, window.store.size + streams.size);
    left(`streams without a path at ${process.name}`, window.store.detached);
  }
  for (const { process, budget, keptBudget, reattacher, streams } of gateways) {
    left(`windows of ${process.name}, bytes`, budget.reserved);
    left(`kept bytes of ${process.name}`, keptBudget.reserved);
    left(`streams of ${process.name}`, streams.size + reattacher.detached);
  }
  for (const { process, sessions, links } of workers) {
    if (process.dead) continue;
    left(`connections through ${process.name}`, sessions.connections);
    for (const link of links) left(`bytes queued at ${process.name}`, link.machine.queuedBytes);
  }
}
