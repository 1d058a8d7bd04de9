/** A worker that can take sessions. */
export interface MoveTarget {
  readonly id: string;
  /** Sessions that it may still take. */
  readonly room: number;
  /** Those that are not get sessions only once these are full. */
  readonly preferred?: boolean;
}

export interface Move<T> {
  readonly session: T;
  readonly target: string;
  /** From now, ms. */
  readonly delayMs: number;
}

/** Sessions that one worker is sent per second: each is a handshake, a claim, and the repetition of what was under way. */
export const MOVES_PER_SECOND = 100;

/**
 * Who goes where, and when: each session to the target that is least filled by this plan in proportion to its room, one after
 * the other at a pace that every target can take. Sessions for which there is no room are left out.
 */
export function planMoves<T>(sessions: readonly T[], targets: readonly MoveTarget[]): Move<T>[] {
  const plan = targets.filter(({ room }) => room > 0).map((target) => ({ ...target, given: 0 }));
  const moves: Move<T>[] = [];
  for (const session of sessions) {
    let best: (typeof plan)[number] | undefined;
    for (const target of plan) {
      if (target.given >= target.room) continue;
      if (best === undefined || isBetter(target, best)) best = target;
    }
    if (best === undefined) break;
    moves.push({ session, target: best.id, delayMs: Math.round((best.given * 1_000) / MOVES_PER_SECOND) });
    best.given += 1;
  }
  return moves;
}

function isBetter(one: MoveTarget & { given: number }, other: MoveTarget & { given: number }): boolean {
  if (one.preferred !== other.preferred) return one.preferred === true;
  return one.given / one.room < other.given / other.room;
}
