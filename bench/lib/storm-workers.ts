import { CulvertError, silentLogger, systemClock } from '@culvert/base';
import { type NodeInfo, Registry } from '@culvert/registry';
import { Admission } from '../../packages/worker/src/admission.ts';
import { benchClaim } from './registry-data.ts';
import { type StormSetup, stormNode } from './storm-protocol.ts';
import type { StormTally } from './storm-tally.ts';

const START_DEADLINE_MS = 30_000;
/** A registry remembers the boots of one process; so many are within what it keeps. */
const WORKERS_PER_CONNECTION = 50;

/** What an agent's address and ticket say. */
export interface StormDial {
  readonly node: string;
  /** The agent's slot, ms since the Unix epoch. */
  readonly slotAt: number;
}

interface Worker {
  readonly number: number;
  readonly node: NodeInfo;
  readonly admission: Admission;
  readonly registry: Registry;
}

/** The workers as the agents of one crowd meet them: with its part of each one's admission rate. */
export class StormWorkers implements AsyncDisposable {
  readonly #setup: StormSetup;
  readonly #tally: StormTally;
  readonly #registries: Registry[];
  readonly #workers = new Map<string, Worker>();
  #dead = false;

  static async start(setup: StormSetup, tally: StormTally): Promise<StormWorkers> {
    const workers = new StormWorkers(setup, tally);
    const signal = AbortSignal.timeout(START_DEADLINE_MS);
    await Promise.all(workers.#registries.map((registry) => registry.waitUntilAvailable(signal)));
    return workers;
  }

  private constructor(setup: StormSetup, tally: StormTally) {
    this.#setup = setup;
    this.#tally = tally;
    const connections = Math.ceil(setup.workers / WORKERS_PER_CONNECTION);
    this.#registries = Array.from({ length: connections }, () =>
      Registry.connect({ url: setup.url, logger: silentLogger, hintsOf: 'nobody' }),
    );
    const ratePerSecond = setup.admissionRate / setup.crowds;
    for (let number = 0; number < setup.workers; number += 1) {
      const node = stormNode(setup, number);
      const registry = this.#registries[number % connections];
      if (registry === undefined) throw new Error('there is no connection');
      const admission = new Admission({ ratePerSecond, clock: systemClock });
      this.#workers.set(node.id, { number, node, admission, registry });
    }
  }

  /** Some of them are gone: nobody listens there any more. */
  die(): void {
    this.#dead = true;
  }

  isDead(number: number): boolean {
    return this.#dead && number < this.#setup.dead;
  }

  /** An agent comes with its ticket. Resolves to the epoch under which the worker owns its session. */
  async admit(session: number, lastEpoch: number, { node, slotAt }: StormDial): Promise<number> {
    try {
      return await this.#admit(session, lastEpoch, node, slotAt);
    } catch (error) {
      this.#tally.refused(error);
      throw error;
    }
  }

  async #admit(session: number, lastEpoch: number, id: string, slotAt: number): Promise<number> {
    const worker = this.#workers.get(id);
    if (worker === undefined || this.isDead(worker.number)) throw new CulvertError('link_lost', `${id} is gone`);
    worker.admission.admit({ slotAt });
    const reply = await worker.registry.claim({ ...benchClaim(session, worker.node), lastEpoch });
    if (reply.outcome === 'refused') throw new CulvertError('draining', `${id} refuses: ${reply.reason}`);
    this.#tally.claimed(worker.number);
    return reply.epoch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#registries.map((registry) => registry.close()));
  }
}
