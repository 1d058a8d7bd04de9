import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { CulvertError } from '@culvert/base';
import { Histogram } from '../histogram.ts';
import type { AgentCounts } from '../ledger.ts';
import type { ServedSession } from '../traffic/traffic.ts';
import type { CustomersSeen, CustomersSetup, FromCustomers, ToCustomers } from './protocol.ts';

const READY_DEADLINE_MS = 120_000;
const LEAVE_DEADLINE_MS = 20_000;

export interface CustomersOptions {
  readonly api: string;
  /** An agent key. */
  readonly key: string;
  readonly agents: number;
  readonly processes: number;
  /** Hears what was new since the last time. */
  readonly onSeen: (news: {
    readonly reconnects: number;
    readonly gapsMs: readonly number[];
    readonly resumed: number;
  }) => void;
}

interface Household {
  readonly child: ChildProcess;
  seen: CustomersSeen;
}

const NOTHING: CustomersSeen = { reconnects: 0, resumed: 0, gapsMs: [], accepted: 0, ended: [] };

/** All customers of a run: processes with agents and the app behind them. */
export class Customers {
  readonly sessions: ServedSession[] = [];
  readonly #options: CustomersOptions;
  readonly #households: Household[] = [];
  readonly #gaps = new Histogram();

  private constructor(options: CustomersOptions) {
    this.#options = options;
  }

  /** Resolves when every agent is linked. */
  static async start(options: CustomersOptions): Promise<Customers> {
    const customers = new Customers(options);
    const processes = Math.max(1, Math.min(options.processes, options.agents));
    const shares = Array.from({ length: processes }, (_, i) => Math.floor((options.agents + i) / processes));
    try {
      const all = await Promise.all(shares.map((agents) => customers.#begin(agents)));
      customers.sessions.push(...all.flat());
    } catch (error) {
      customers.kill();
      throw error;
    }
    return customers;
  }

  /** What the agents have seen up to now. */
  async counts(): Promise<AgentCounts> {
    await Promise.all(this.#households.map((household) => this.#ask(household, 'look', 'seen')));
    return this.#counts();
  }

  /** Agents that ended for good, unasked: why. */
  get ended(): readonly string[] {
    return this.#households.flatMap(({ seen }) => seen.ended);
  }

  /** Every agent leaves in good order. */
  async leave(): Promise<void> {
    await Promise.all(
      this.#households.map(async (household) => {
        const { child } = household;
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        await this.#ask(household, 'leave', 'left').catch((error: Error) =>
          process.emitWarning(`${error.message}; killed`),
        );
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }

  kill(): void {
    for (const { child } of this.#households) child.kill('SIGKILL');
  }

  #counts(): AgentCounts {
    const sum = (of: (seen: CustomersSeen) => number): number =>
      this.#households.reduce((total, { seen }) => total + of(seen), 0);
    const gaps = this.#gaps;
    return {
      sessions: this.sessions.length,
      reconnects: sum(({ reconnects }) => reconnects),
      resumed: sum(({ resumed }) => resumed),
      gaps: { count: gaps.count, p50: gaps.percentile(50), p99: gaps.percentile(99), max: gaps.max },
      accepted: sum(({ accepted }) => accepted),
    };
  }

  async #begin(agents: number): Promise<readonly ServedSession[]> {
    const setup: CustomersSetup = { api: this.#options.api, agents };
    const child = fork(join(import.meta.dirname, 'process.ts'), [JSON.stringify(setup)], {
      env: { ...process.env, CULVERT_KEY: this.#options.key },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const household: Household = { child, seen: NOTHING };
    this.#households.push(household);
    child.on('message', (message: FromCustomers) => {
      if (message.kind === 'seen' || message.kind === 'left') this.#onSeen(household, message.seen);
    });
    const ready = await answerOf(child, 'ready', READY_DEADLINE_MS);
    return ready.sessions;
  }

  #onSeen(household: Household, seen: CustomersSeen): void {
    const { reconnects, resumed } = household.seen;
    household.seen = seen;
    for (const gapMs of seen.gapsMs) this.#gaps.add(gapMs);
    this.#options.onSeen({
      reconnects: seen.reconnects - reconnects,
      resumed: seen.resumed - resumed,
      gapsMs: seen.gapsMs,
    });
  }

  async #ask({ child }: Household, kind: ToCustomers['kind'], answer: 'seen' | 'left'): Promise<void> {
    const answered = answerOf(child, answer, LEAVE_DEADLINE_MS);
    if (child.connected) child.send({ kind } satisfies ToCustomers);
    await answered;
  }
}

/** The next message of a kind. Rejects when it fails, ends, or says nothing in time. */
function answerOf<K extends FromCustomers['kind']>(
  child: ChildProcess,
  kind: K,
  deadlineMs: number,
): Promise<Extract<FromCustomers, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      act();
    };
    const fail = (why: string): void =>
      settle(() => reject(new CulvertError('start_failed', `the load's customers ${why}`)));
    const onExit = (code: number | null, signal: string | null): void => fail(`ended with ${code ?? signal}`);
    const onMessage = (message: FromCustomers): void => {
      if (message.kind === 'failed') fail(`failed: ${message.message}`);
      // The kind was compared with K; the compiler does not narrow by a type parameter.
      else if (message.kind === kind) settle(() => resolve(message as Extract<FromCustomers, { kind: K }>));
    };
    const timer = setTimeout(() => fail(`said nothing within ${deadlineMs} ms`), deadlineMs);
    child.on('message', onMessage);
    child.on('exit', onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
  });
}
