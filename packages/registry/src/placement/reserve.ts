import type { Directory } from '../directory.ts';
import { assertId } from '../keys.ts';
import type { NodeBoot } from '../types.ts';

/** Candidates looked at in one call: enough to find room, few enough for a script. */
export const MAX_CANDIDATES = 8;

export interface ReserveRequest {
  readonly sessionId: string;
  /** The better liked first; at most MAX_CANDIDATES. */
  readonly candidates: readonly NodeBoot[];
  readonly pool: string;
  /** How long the place is kept, from the agent's slot on, ms. */
  readonly holdMs: number;
  /** How far away the slot may be, ms. */
  readonly horizonMs: number;
}

export type ReserveReply =
  | {
      readonly outcome: 'reserved';
      /** Id of the worker. */
      readonly node: string;
      /** The agent's slot: from now, ms. */
      readonly delayMs: number;
    }
  /** Some candidate can take sessions, and none of those has room. */
  | { readonly outcome: 'full' }
  /** There is room, but no slot within the horizon; in `retryAfterMs` the nearest will be. */
  | { readonly outcome: 'overloaded'; readonly retryAfterMs: number }
  /** No candidate is a ready worker of the pool. */
  | { readonly outcome: 'none' };

/**
 * Keeps a place for a session on the least filled of the candidates, and a slot in its admission rate. Whoever asks again
 * while a place is kept gets the same one. Never claimed, it expires; a claim needs none, it is judged by what is there.
 */
export async function reserve({ scripts, keys }: Directory, request: ReserveRequest): Promise<ReserveReply> {
  const { sessionId, pool, holdMs, horizonMs } = request;
  assertId('a session id', sessionId);
  const candidates = request.candidates.slice(0, MAX_CANDIDATES).map(({ id, boot }) => ({ id, boot }));
  if (candidates.length === 0) return { outcome: 'none' };
  const reply = await scripts.run(
    'reserve',
    [keys.nodes, keys.leases, keys.owned, keys.admission, ...candidates.map(({ id }) => keys.reserved(id))],
    { sessionId, candidates, pool, holdMs, horizonMs },
  );
  const outcome = reply.oneOf('outcome', ['reserved', 'full', 'overloaded', 'none']);
  switch (outcome) {
    case 'reserved':
      return { outcome, node: reply.text('node'), delayMs: reply.integer('delayMs') };
    case 'overloaded':
      return { outcome, retryAfterMs: reply.integer('retryAfterMs') };
    default:
      return { outcome };
  }
}
