import { type Clock, CulvertError, type Logger, systemClock } from '@culvert/base';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { AdminServer } from './admin.ts';
import type { Health } from './health.ts';

/** `POST /retire` on a gateway, an API or a deploy worker. */
const RetireOrder = Type.Object({
  deployment: Type.String({ minLength: 1, maxLength: 64 }),
  fence: Type.Integer({ minimum: 0 }),
  /** Names this order; carried out once. */
  key: Type.String({ minLength: 1, maxLength: 200 }),
  /** Within so long what is there ends by itself; the rest is broken off. */
  deadlineMs: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
});
type RetireOrder = Static<typeof RetireOrder>;

export type RetirementState = 'off' | 'retiring' | 'empty';

export interface RetirementOptions {
  /**
   * What the node does: takes nothing new, and finishes what it has; called once. Resolves when nothing is left. At the deadline the
   * signal is aborted: the rest is broken off.
   */
  readonly work: (deadline: AbortSignal) => Promise<void>;
  /** The state is another one: others are to hear of it now. */
  readonly changed: (state: RetirementState) => void;
  /** The work has failed, which nothing but the end of the process mends. */
  readonly failed: (error: unknown) => void;
  readonly logger: Logger;
  readonly clock?: Clock;
}

const ORDERS_KEPT = 100;

/**
 * A node that is being replaced: it leaves new work to its replacement, finishes what it has, and lives on, empty, until it is
 * terminated. There is no way back; whoever wants the old version again starts it anew.
 */
export class Retirement {
  readonly #options: RetirementOptions;
  readonly #clock: Clock;
  readonly #deadline = new AbortController();
  readonly #begun = new AbortController();
  readonly #orders = new Set<string>();
  #state: RetirementState = 'off';
  #fence = 0;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => undefined;

  constructor(options: RetirementOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): RetirementState {
    return this.#state;
  }

  /** Aborted once the node retires. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  /** Begins, or brings the deadline nearer; the nearest one counts. @throws fenced: an order of a newer fence was seen */
  order({ deployment, fence, key, deadlineMs }: RetireOrder): void {
    if (fence < this.#fence) {
      throw new CulvertError('fenced', `This order has fence ${fence}; one with ${this.#fence} was here before.`);
    }
    this.#fence = fence;
    if (this.#orders.has(key)) return;
    this.#remember(key);
    this.#shorten(deadlineMs);
    if (this.#state !== 'off') return;
    const fields = { event: 'node.retiring', deploy_id: deployment, deadline_ms: deadlineMs };
    this.#options.logger.info(fields, 'retiring: what is here is finished, what is new goes to the replacement');
    this.#enter('retiring');
    this.#begun.abort();
    void this.#run();
  }

  /** No deadline ends anything any more. */
  close(): void {
    this.#cancelTimer();
  }

  async #run(): Promise<void> {
    try {
      await this.#options.work(this.#deadline.signal);
    } catch (error) {
      this.#options.failed(error);
      return;
    }
    this.#cancelTimer();
    this.#options.logger.info({ event: 'node.retired' }, 'nothing is left here: ready to be terminated');
    this.#enter('empty');
  }

  #enter(state: RetirementState): void {
    this.#state = state;
    this.#options.changed(state);
  }

  #shorten(deadlineMs: number): void {
    const endsAtMs = this.#clock.monotonic() + deadlineMs;
    if (endsAtMs >= this.#endsAtMs) return;
    this.#endsAtMs = endsAtMs;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(deadlineMs, () => this.#deadline.abort());
  }

  #remember(key: string): void {
    this.#orders.add(key);
    const [oldest] = this.#orders;
    if (this.#orders.size > ORDERS_KEPT && oldest !== undefined) this.#orders.delete(oldest);
  }
}

/** `POST /retire`, which answers at once, and the reason for which the node is not ready from then on. */
export function addRetireRoute(
  { admin, health }: { readonly admin: Pick<AdminServer, 'app'>; readonly health: Health },
  retirement: Retirement,
): void {
  const reasons = { off: undefined, retiring: 'the node is being replaced', empty: 'the node has been replaced' };
  health.check('retirement', () => reasons[retirement.state]);
  const app: FastifyInstance = admin.app;
  app.post('/retire', (request, reply) => {
    const order: unknown = request.body;
    if (!Value.Check(RetireOrder, order)) {
      throw new CulvertError('invalid_request', 'retire takes deployment, fence, key and deadlineMs');
    }
    retirement.order(order);
    return reply.code(202).send({ state: retirement.state });
  });
}
