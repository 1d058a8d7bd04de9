import {
  type Blocker,
  type DrainPolicy,
  DrainReport,
  type SessionAskBody,
  type SessionQuestion,
  type ShedBody,
  Shedding,
  type WorkerAnswer,
  WorkerBlockers,
  WorkerDone,
  WorkerRefusal,
} from '@culvert/contracts';
import { Type } from 'typebox';
import { AdminCaller, type AdminCallerOptions } from './admin-caller.ts';

export type WorkerClientOptions = AdminCallerOptions;

export type SessionAsk<K extends SessionQuestion['kind']> = Omit<SessionAskBody, 'question'> & {
  readonly question: Extract<SessionQuestion, { readonly kind: K }>;
};

/**
 * Asks workers at their admin endpoints; `admin` is a worker's address as the registry has it. Rejects with the
 * worker's own code, or with `node_unreachable`.
 */
export class WorkerClient {
  readonly #caller: AdminCaller;

  constructor(options: WorkerClientOptions) {
    this.#caller = new AdminCaller(options, 'worker');
  }

  /** Asks the actor of a session; the whole answer has to be there within `withinMs` of the question. */
  async ask<K extends SessionQuestion['kind']>(
    admin: string,
    sessionId: string,
    asked: SessionAsk<K>,
  ): Promise<WorkerAnswer<K>> {
    const url = `${admin}/sessions/${encodeURIComponent(sessionId)}/ask`;
    const schema = Type.Union([WorkerDone[asked.question.kind], WorkerRefusal]);
    return this.#caller.read(schema, 'POST', url, { body: asked, deadlineMs: asked.withinMs }) as Promise<
      WorkerAnswer<K>
    >;
  }

  /** Has the worker begin to drain; it answers at once. One that drains already goes on, under this policy. */
  async drain(admin: string, policy: DrainPolicy): Promise<void> {
    await this.#caller.send('POST', `${admin}/drain`, { body: { policy } });
  }

  /** Has the worker send some of its sessions to others; it answers at once. Rejects with `draining`. */
  shed(admin: string, moves: ShedBody['moves']): Promise<Shedding> {
    return this.#caller.read(Shedding, 'POST', `${admin}/moves`, { body: { moves } });
  }

  /** How the worker's drain stands, and what it has: also when it does not drain. */
  drainReport(admin: string): Promise<DrainReport> {
    return this.#caller.read(DrainReport, 'GET', `${admin}/drain`);
  }

  /** What the worker still waits for. */
  async blockers(admin: string): Promise<readonly Blocker[]> {
    return (await this.#caller.read(WorkerBlockers, 'GET', `${admin}/blockers`)).items;
  }
}
