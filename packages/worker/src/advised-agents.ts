import type { Clock, ErrorCode } from '@culvert/base';
import { type MoveTarget, planMoves } from './plan-moves.ts';
import type { Asker, SessionActor } from './session-actor.ts';

/** An agent that has not left this long after its slot is told again, with a new plan. ms. */
export const ROUND_MS = 5_000;

interface Told {
  /** Until when it has to go before it is told again, ms on the clock. */
  readonly untilMs: number;
  readonly firstSlotMs: number;
}

/** The agents that a drain has told where to go, and when. */
export class AdvisedAgents {
  readonly #clock: Clock;
  readonly #why: { readonly code: ErrorCode; readonly message: string };
  readonly #told = new Map<SessionActor, Told>();

  constructor(clock: Clock, why: { readonly code: ErrorCode; readonly message: string }) {
    this.#clock = clock;
    this.#why = why;
  }

  /** Tells them, unless they were told and have some time left. Returns the last slot, ms from now. */
  tell(movable: readonly SessionActor[], targets: readonly MoveTarget[], asker?: Asker): number {
    const nowMs = this.#clock.monotonic();
    const untold = movable.filter((actor) => (this.#told.get(actor)?.untilMs ?? nowMs) <= nowMs);
    const moves = planMoves(untold, targets);
    for (const { session, target, delayMs } of moves) {
      const slotMs = nowMs + delayMs;
      const firstSlotMs = this.#told.get(session)?.firstSlotMs ?? slotMs;
      this.#told.set(session, { untilMs: slotMs + ROUND_MS, firstSlotMs });
      session.move(this.#why.code, this.#why.message, { target, delayMs }, asker);
    }
    return moves.at(-1)?.delayMs ?? 0;
  }

  /** When it was first to go, ms on the clock; infinity: it was told nothing. */
  firstSlotMs(actor: SessionActor): number {
    return this.#told.get(actor)?.firstSlotMs ?? Number.POSITIVE_INFINITY;
  }

  /** Those that are served here no more. */
  forgetGone(): void {
    for (const actor of this.#told.keys()) if (!actor.serving) this.#told.delete(actor);
  }

  clear(): void {
    this.#told.clear();
  }
}
