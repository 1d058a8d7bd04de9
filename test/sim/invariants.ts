import { type Frame, FrameType, MIN_KEPT_BYTES, type StreamEnd, type Welcome } from '@culvert/mux';
import type { Record } from './ledger.ts';
import type { SimWorker } from './sim-worker.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** The costly ones are looked at this often, in events. */
const EVERY = 16;
/** Of one link, beyond what windows let be under way: what steers streams and links. */
const CONTROL_BYTES = 262_144;
/** From asking to an answer, whatever the network does: the proxy's own bound, and a moment. */
const OPEN_BOUND_MS = 36_000;

/** What holds at every step of every run. Bytes are compared where they arrive: see talker.ts. */
export class Invariants {
  readonly #world: World;
  /** The owner of each epoch, as the registry told; an epoch has one for ever. */
  readonly #owners = new Map<string, string>();
  /** The highest epoch that each agent has heard of, by its name: two may fight over one session. */
  readonly #heard = new Map<string, number>();
  #events = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Called behind each event. */
  check(): void {
    this.#events += 1;
    if (this.#events % EVERY !== 0) return;
    this.#checkOwners();
    for (const gateway of this.#world.gateways) this.#checkStreams(gateway.process.name, gateway);
    for (const agent of this.#world.agents) this.#checkStreams(agent.process.name, agent);
    this.#checkQueues();
    this.#checkWaits();
  }

  // What the parts of the world tell.

  claimed(sessionId: string, epoch: number, node: string): void {
    const key = `${sessionId} ${epoch}`;
    const before = this.#owners.get(key);
    if (before !== undefined) throw new Violation('one owner', `${key} was claimed by ${before} and by ${node}`);
    this.#owners.set(key, node);
  }

  /** A worker greeted the agent as the owner, or took it over from standby. */
  agentHeard(agent: string, sessionId: string, { epoch, nodeId }: Pick<Welcome, 'epoch' | 'nodeId'>): void {
    if (epoch === 0) return; // standby
    const owner = this.#owners.get(`${sessionId} ${epoch}`);
    if (owner !== nodeId) {
      throw new Violation('one owner', `${nodeId} greets with epoch ${epoch}, which is ${owner ?? 'nobody'}'s`);
    }
    this.#heard.set(agent, Math.max(this.#heard.get(agent) ?? 0, epoch));
  }

  /** An open reached a target: it came from the newest owner that the agent knew of. */
  agentServes(agent: string, epoch: number): void {
    const highest = this.#heard.get(agent) ?? 0;
    if (epoch < highest)
      throw new Violation('the agent is the fence', `an open of epoch ${epoch} was served after ${highest}`);
  }

  /** A target was connected: once for each connection. */
  targetAccepted(record: Record): void {
    record.accepted += 1;
    // A second agent knows nothing of the first one's connections.
    const contested = this.#world.isContested(this.#world.sessionOf(record.plan.agent));
    if (!contested && record.target !== undefined && record.targetEnding === undefined) {
      throw new Violation('one target', `${record.name} was connected to a second target`);
    }
  }

  /** A worker has heard of a newer owner than itself. */
  workerTold({ process, sessions }: SimWorker, sessionId: string, epoch: number): void {
    const actor = sessions.get(sessionId);
    if (actor?.epoch == null || actor.epoch >= epoch || !actor.serving) return;
    throw new Violation(
      'one owner',
      `${process.name} serves ${sessionId} under ${actor.epoch}, and was told of ${epoch}`,
    );
  }

  /** A worker that overslept says nothing of streams before it knows what is still its own. */
  workerSends(worker: SimWorker, frame: Frame): void {
    const ofStream = frame.stream !== 0 && frame.type !== FrameType.DETACH;
    if (ofStream && worker.guard.closed) {
      throw new Violation('frozen and back', `${worker.process.name} sent a frame before it had checked its epochs`);
    }
  }

  // The looks.

  #checkOwners(): void {
    const serving = new Map<string, string>();
    for (const worker of this.#world.workers) {
      if (worker.process.dead) continue;
      for (const actor of worker.sessions.all()) {
        if (!actor.serving || actor.epoch === null) continue;
        const key = `${actor.id} ${actor.epoch}`;
        const { name } = worker.process;
        const other = serving.get(key) ?? name;
        if (other !== name) throw new Violation('one owner', `${other} and ${name} both serve ${key}`);
        if (this.#owners.get(key) !== name) throw new Violation('one owner', `${name} serves ${key} without a claim`);
        serving.set(key, name);
      }
    }
  }

  #checkStreams(
    name: string,
    end: {
      readonly streams: Set<StreamEnd>;
      readonly budget: { reserved: number; limit: number };
      readonly keptBudget: { reserved: number; limit: number };
    },
  ): void {
    const { maxBytes } = this.#world.config.window;
    let kept = 0;
    for (const stream of end.streams) {
      if (stream.closed) continue;
      const id = `${name}, ${stream.connectionId}`;
      if (stream.unconsumed > maxBytes)
        throw new Violation('budgets', `${id}: ${stream.unconsumed} bytes wait to be read`);
      if (stream.credit < 0) throw new Violation('budgets', `${id}: credit of ${stream.credit}`);
      if (stream.unacknowledged > maxBytes)
        throw new Violation('budgets', `${id}: ${stream.unacknowledged} bytes are kept`);
      kept += Math.max(0, stream.unacknowledged - MIN_KEPT_BYTES);
    }
    if (kept > end.keptBudget.reserved)
      throw new Violation('budgets', `${name} keeps ${kept} bytes, ${end.keptBudget.reserved} are reserved`);
    for (const budget of [end.budget, end.keptBudget]) {
      if (budget.reserved > budget.limit || budget.reserved < 0)
        throw new Violation('budgets', `${name}: ${budget.reserved} reserved`);
    }
  }

  #checkQueues(): void {
    const { window, connections } = this.#world.config;
    const bound = connections * (window.maxBytes + 4_096) + CONTROL_BYTES;
    for (const worker of this.#world.workers) {
      if (worker.process.dead) continue;
      for (const link of worker.links) {
        const { queuedBytes } = link.machine;
        if (queuedBytes > bound)
          throw new Violation('budgets', `${worker.process.name} has ${queuedBytes} bytes queued`);
      }
    }
  }

  /** Nothing waits without a deadline: opens are the only thing that somebody waits for with nothing on the way. */
  #checkWaits(): void {
    const { nowMs } = this.#world.timeline;
    for (const record of this.#world.ledger.records) {
      const { askedAtMs } = record;
      if (askedAtMs === undefined || record.openedAtMs !== undefined || record.refused || record.orphaned) continue;
      if (nowMs - askedAtMs > OPEN_BOUND_MS)
        throw new Violation('deadlines', `${record.name} has no answer since ${askedAtMs} ms`);
    }
  }
}
