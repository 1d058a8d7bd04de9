import { toCulvertError } from '@culvert/base';
import type { WorldConfig } from './config.ts';
import { type Fault, strike } from './faults.ts';
import { Invariants } from './invariants.ts';
import { Ledger, type Record } from './ledger.ts';
import { Network } from './network.ts';
import { type Random, randomOf } from './random.ts';
import { SimRegistry } from './registry.ts';
import { SimAgent } from './sim-agent.ts';
import { SimGateway } from './sim-gateway.ts';
import { SimProcess } from './sim-process.ts';
import { SimWorker } from './sim-worker.ts';
import type { Story } from './story.ts';
import type { Timeline } from './timeline.ts';
import type { Circumstances } from './verdict.ts';
import type { ConnectionPlan } from './workload.ts';

/** Everything that there is in one run. */
export class World {
  readonly seed: number;
  readonly config: WorldConfig;
  readonly timeline: Timeline;
  readonly story: Story;
  readonly network: Network;
  readonly registry: SimRegistry;
  readonly ledger: Ledger;
  readonly invariants: Invariants;
  /** The present life of each. */
  readonly workers: SimWorker[] = [];
  readonly gateways: SimGateway[] = [];
  readonly agents: SimAgent[] = [];
  readonly #boots = new Map<string, number>();
  /** Sessions of which more happened than the promise covers. */
  readonly #excused = new Map<string, 'cut off' | 'contested'>();
  readonly #troubles: { readonly fromMs: number; readonly toMs: number }[] = [];
  #newborns: { left: number; delayMs: () => number; random: Random } | undefined;

  constructor(seed: number, config: WorldConfig, plans: readonly ConnectionPlan[], timeline: Timeline, story: Story) {
    this.seed = seed;
    this.config = config;
    this.timeline = timeline;
    this.story = story;
    this.invariants = new Invariants(this);
    this.ledger = new Ledger(plans);
    this.network = new Network(timeline, randomOf(seed, 'network'), config.network, (wire) => this.#onWire(wire));
    this.registry = new SimRegistry(timeline, randomOf(seed, 'registry'), {
      claimed: (sessionId, epoch, node) => {
        story.say('registry', `${node.id} claims ${sessionId}: epoch ${epoch}`);
        this.invariants.claimed(sessionId, epoch, node.id);
      },
    });
  }

  sessionOf(agent: number): string {
    return `s_${agent + 1}`;
  }

  /** Starts every process. */
  start(): void {
    for (let n = 1; n <= this.config.workers; n += 1) this.startWorker(`w${n}`);
    for (let n = 1; n <= this.config.gateways; n += 1) this.startGateway(`g${n}`);
    for (let n = 1; n <= this.config.agents; n += 1) {
      const process = this.#process(`a${n}`);
      const agent = new SimAgent(this, process, this.sessionOf(n - 1));
      this.agents.push(agent);
      // Workers have told the registry of themselves by then.
      process.after(200, () => agent.start());
    }
  }

  /** Every agent has its link. */
  get ready(): boolean {
    return this.agents.every(({ supervisor }) => supervisor.linked);
  }

  /** From now on, connections and faults come when they are due. */
  begin(faults: readonly Fault[]): void {
    for (const record of this.ledger.records) this.later(record.plan.atMs, () => this.#open(record));
    for (const fault of faults) {
      this.later(fault.atMs, () => {
        const what = strike(this, fault);
        this.story.say('faults', `${fault.number}: ${what ?? `${fault.kind}, but there is nothing to do it to`}`);
      });
    }
  }

  /** As a worker says at its /readyz. Rejects for one that does not answer. */
  async reachesRegistry(worker: string): Promise<boolean> {
    const life = this.workers.find(({ process }) => process.name === worker);
    if (life === undefined || life.process.dead || life.process.frozen) throw new Error(`${worker} does not answer`);
    return life.registry.reachable;
  }

  /** Something that nobody's process does. */
  later(delayMs: number, work: () => void): void {
    this.timeline.at(this.timeline.nowMs + delayMs, work);
  }

  startWorker(name: string): void {
    const boot = this.#nextBoot(name);
    const process = this.#process(name);
    process.run(() => {
      const worker = new SimWorker(this, process, boot);
      replace(this.workers, worker);
      worker.start();
    });
    this.story.say(name, `starts as ${name}#${boot}`);
  }

  killWorker(worker: SimWorker, silently: boolean): void {
    this.network.died(worker.process, silently);
    worker.process.kill();
  }

  /** As SIGTERM does it; the process is gone when the promise resolves. */
  async stopWorker(worker: SimWorker): Promise<void> {
    const stopped = Promise.withResolvers<void>();
    worker.process.onDeath(stopped.resolve);
    worker.process.run(() => {
      void worker.stop().then(() => {
        // The kernel sends what is left in the sockets of a process that has ended.
        worker.process.after(1_000, () => {
          this.story.say(worker.process.name, 'has stopped');
          this.killWorker(worker, false);
        });
      });
    });
    await stopped.promise;
  }

  startGateway(name: string): void {
    const boot = this.#nextBoot(name);
    const process = this.#process(name);
    process.run(() => replace(this.gateways, new SimGateway(this, process, boot)));
    this.story.say(name, `starts as ${name}#${boot}`);
  }

  killGateway(gateway: SimGateway, silently: boolean): void {
    this.network.died(gateway.process, silently);
    gateway.process.kill();
    for (const record of this.ledger.records) {
      if (record.gateway === `${gateway.process.name}#${gateway.boot}` && !isOverForBrowser(record))
        record.orphaned = true;
    }
  }

  /** The next connections are cut, so long after they were made. */
  cutNewborns(count: number, delayMs: () => number, random: Random): void {
    this.#newborns = { left: count, delayMs, random };
  }

  /** From now on for `ms`, an open may fail. */
  troubled(ms: number): void {
    this.#troubles.push({ fromMs: this.timeline.nowMs, toMs: this.timeline.nowMs + ms });
  }

  /** When everything that went wrong is over, and what it led to. */
  get calmMs(): number {
    return Math.max(0, ...this.#troubles.map(({ toMs }) => toMs));
  }

  /** `cut off`: its agent was away for longer than the resume window; `contested`: a second agent took it. */
  excuse(sessionId: string, why: 'cut off' | 'contested'): void {
    if (this.#excused.get(sessionId) !== 'contested') this.#excused.set(sessionId, why);
  }

  isContested(sessionId: string): boolean {
    return this.#excused.get(sessionId) === 'contested';
  }

  /** A second agent opens a session that has one. */
  startRival(sessionId: string): void {
    this.excuse(sessionId, 'contested');
    const process = this.#process(`rival-${sessionId}`);
    process.run(() => {
      const agent = new SimAgent(this, process, sessionId);
      this.agents.push(agent);
      agent.start();
    });
  }

  circumstancesOf(record: Record): Circumstances {
    const from = record.askedAtMs ?? 0;
    const to = record.refused?.atMs ?? record.openedAtMs ?? this.timeline.nowMs;
    return {
      troubled: this.#troubles.some(({ fromMs, toMs }) => fromMs <= to && toMs >= from),
      excuse: this.#excused.get(this.sessionOf(record.plan.agent)),
    };
  }

  #open(record: Record): void {
    if (record.orphaned) return; // left out
    const gateway = this.gateways[record.plan.gateway];
    if (gateway === undefined || gateway.process.dead) {
      record.orphaned = true;
      return;
    }
    gateway.process.run(() => {
      gateway.open(record).catch((error: unknown) => {
        throw toCulvertError(error);
      });
    });
  }

  #onWire(wire: Parameters<ConstructorParameters<typeof Network>[3]>[0]): void {
    const newborns = this.#newborns;
    if (newborns === undefined || newborns.left === 0) return;
    newborns.left -= 1;
    this.later(newborns.delayMs(), () => {
      this.story.say('faults', `the new connection ${wire.name} is cut`);
      wire.cut([newborns.random.next() * 20, newborns.random.next() * 20]);
    });
  }

  #process(name: string): SimProcess {
    return new SimProcess(this.timeline, name, randomOf(this.seed, `${name} ${this.#boots.get(name) ?? 0}`));
  }

  #nextBoot(name: string): string {
    const boot = (this.#boots.get(name) ?? 0) + 1;
    this.#boots.set(name, boot);
    return `b${boot}`;
  }
}

function isOverForBrowser(record: Record): boolean {
  return record.refused !== undefined || record.browserEnding !== undefined;
}

/** A new life takes the place of the one before. */
function replace<T extends { readonly process: SimProcess }>(all: T[], life: T): void {
  const at = all.findIndex(({ process }) => process.name === life.process.name);
  if (at < 0) all.push(life);
  else all[at] = life;
}
