import { Backoff, type Clock, CulvertError, sleep, systemClock } from '@culvert/base';
import { MAX_ASK_MS, type WorkerAnswer } from '@culvert/contracts';
import type { QuestionKind, QuestionOf, SessionAnswer, SessionRefusal, Unreachable } from './session-answer.ts';
import type { WorkerClient } from './worker-client.ts';

/** Who owns a session, as the directory has it. */
export interface SessionOwner {
  readonly node: string;
  /** `http://host:port` of its admin endpoints. */
  readonly admin: string;
  readonly epoch: number;
}

/** Undefined: nobody owns it. `refresh`: what was answered last turned out to be wrong. */
export type FindOwner = (sessionId: string, options: { refresh: boolean }) => Promise<SessionOwner | undefined>;

export interface SessionAskerOptions {
  readonly workers: Pick<WorkerClient, 'ask'>;
  readonly findOwner: FindOwner;
  /** Redis's clock in ms, as far as this process knows it. */
  readonly redisNow: () => number | undefined;
  readonly clock?: Clock;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
}

export interface AskOptions {
  /** For everything, from now, in ms: 1 to 60,000; default 2,000. */
  readonly deadlineMs?: number;
  /** Only this ownership is meant; without, whoever owns the session. */
  readonly epoch?: number;
}

const DEADLINE_MS = 2_000;
/** After the first owner, so many more are looked for. */
const MAX_HOPS = 2;
/** The first look is at once: what was remembered may be old. Then the directory may be ahead of a claimant, or behind. */
const PAUSE = { floorMs: 25, firstMs: 50, maxMs: 200 };
/** The owner's own words for: you will get no answer. */
const NO_ANSWER: ReadonlySet<string> = new Set(['node_unreachable', 'shutting_down']);

/** Where one question has got to. */
interface Asking {
  readonly sessionId: string;
  readonly epoch: number | undefined;
  /** On the clock, monotonic. */
  readonly untilMs: number;
}

/**
 * Asks the actor of a session, wherever it lives. What comes of it is data; rejects only when the directory cannot be asked
 * (`registry_unavailable`, `recovering`), or with what the owner found wrong with the question itself.
 */
export class SessionAsker {
  readonly #options: SessionAskerOptions;

  constructor(options: SessionAskerOptions) {
    this.#options = options;
  }

  async ask<K extends QuestionKind>(
    sessionId: string,
    question: QuestionOf<K>,
    { deadlineMs = DEADLINE_MS, epoch }: AskOptions = {},
  ): Promise<SessionAnswer<K>> {
    const { random } = this.#options;
    const untilMs = this.#nowMs + Math.min(deadlineMs, MAX_ASK_MS);
    const asking: Asking = { sessionId, epoch, untilMs };
    const backoff = new Backoff({ ...PAUSE, ...(random === undefined ? {} : { random }) });
    let silent: Unreachable | undefined;
    for (let hop = 0; ; hop += 1) {
      const owner = await this.#find(asking, hop > 0);
      if (owner === 'late') return silent ?? { outcome: 'late' };
      if (owner === undefined) return silent ?? { outcome: 'offline', node: null };
      if (silent?.node === owner.node) return silent;
      const over = whatIsOver(asking, owner, hop);
      if (over !== undefined) return over;
      // Remembered from before the ownership that is meant: not worth asking.
      const stale = hop === 0 && epoch !== undefined && owner.epoch < epoch;
      const answer = stale ? ({ outcome: 'wrong_owner' } as const) : await this.#askOwner(asking, question, owner);
      switch (answer.outcome) {
        case 'done':
        case 'busy':
          return answer;
        case 'late':
          return silent ?? answer;
        case 'offline':
          return silent ?? { ...answer, node: owner.node };
        case 'unreachable':
          // Whoever means one ownership has to know that it may have been done there.
          if (epoch !== undefined) return answer;
          silent ??= answer;
          break;
        case 'fenced':
          if (epoch !== undefined) return answer;
          break;
        case 'wrong_owner':
          break;
      }
      if (hop === MAX_HOPS) return silent ?? { outcome: 'offline', node: owner.node };
      if (hop > 0) await sleep(Math.min(backoff.next(PAUSE.floorMs), Math.max(0, untilMs - this.#nowMs)));
    }
  }

  /** `late`: the deadline came first. */
  async #find({ sessionId, untilMs }: Asking, refresh: boolean): Promise<SessionOwner | undefined | 'late'> {
    const leftMs = untilMs - this.#nowMs;
    if (leftMs <= 0) return 'late';
    const found = new AbortController();
    const late = sleep(leftMs, found.signal).then(() => 'late' as const);
    try {
      return await Promise.race([this.#options.findOwner(sessionId, { refresh }), late]);
    } finally {
      found.abort();
    }
  }

  async #askOwner<K extends QuestionKind>(
    { sessionId, epoch, untilMs }: Asking,
    question: QuestionOf<K>,
    owner: SessionOwner,
  ): Promise<WorkerAnswer<K> | Unreachable> {
    const { workers, redisNow } = this.#options;
    const withinMs = Math.ceil(untilMs - this.#nowMs);
    if (withinMs <= 0) return { outcome: 'late' };
    const redisMs = redisNow();
    const notAfter = redisMs === undefined ? {} : { notAfterMs: Math.ceil(redisMs + withinMs) };
    try {
      const asked = { question, epoch: epoch ?? owner.epoch, withinMs, ...notAfter };
      return await workers.ask<K>(owner.admin, sessionId, asked);
    } catch (error) {
      if (!(error instanceof CulvertError) || !NO_ANSWER.has(error.code)) throw error;
      return { outcome: 'unreachable', node: owner.node, detail: error.message };
    }
  }

  get #nowMs(): number {
    return (this.#options.clock ?? systemClock).monotonic();
  }
}

/** The ownership that is meant is known to be over: when first looked at, or since it was asked. */
function whatIsOver({ epoch }: Asking, owner: SessionOwner, hop: number): SessionRefusal | undefined {
  if (epoch === undefined || owner.epoch <= epoch) return undefined;
  if (hop === 0) return { outcome: 'fenced', epoch: owner.epoch };
  return { outcome: 'moved', epoch: owner.epoch, node: owner.node };
}
