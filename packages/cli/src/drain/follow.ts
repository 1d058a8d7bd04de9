import { CulvertError, sleep } from '@culvert/base';
import type { Blocker, BlockerList, ClusterNode } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { PASSING } from '../passing.ts';

const POLL_MS = 500;
/**
 * Looks in a row that find no such node before it counts as having left: 6 s, by when a registry that lost its data
 * knows of every node again.
 */
const ABSENT_LOOKS = 12;

/** How a drain looks at one moment. */
export interface DrainState {
  readonly node: ClusterNode;
  readonly blockers: readonly Blocker[];
}

/**
 * `empty` is the aim. `uncordoned`: somebody called it off. `restarted`: the process is a new one, and does not drain.
 * `left`: it stopped in order, seen empty or not. `late`: the deadline came first.
 */
export type DrainOutcome = 'empty' | 'uncordoned' | 'restarted' | 'dead' | 'left' | 'late';

export interface DrainEnd extends DrainState {
  readonly outcome: DrainOutcome;
  /** Why nothing was seen of late, if so. */
  readonly failure?: CulvertError | undefined;
}

export interface FollowOptions {
  /** From now, in ms. */
  readonly deadlineMs: number;
  readonly onState?: (state: DrainState) => void;
  /** Between two looks, in ms; default 500. */
  readonly pollMs?: number;
}

type Api = Pick<ApiClient, 'call'>;

/** Follows a drain to its end. Rejects with what the API refuses for good, such as a revoked key. */
export async function followDrain(api: Api, begun: ClusterNode, options: FollowOptions): Promise<DrainEnd> {
  const { deadlineMs, onState, pollMs = POLL_MS } = options;
  const late = AbortSignal.timeout(deadlineMs);
  let state: DrainState = { node: begun, blockers: [] };
  let absent = 0;
  let failure: CulvertError | undefined;
  for (;;) {
    const seen = await look(api, state, late);
    if (seen instanceof CulvertError) {
      failure = seen;
      if (late.aborted) break;
      absent = seen.code === 'node_not_found' ? absent + 1 : 0; // no answer tells nothing about the node
      if (absent === ABSENT_LOOKS) return { ...state, outcome: 'left' };
    } else {
      state = seen;
      absent = 0;
      failure = undefined;
      const outcome = outcomeOf(seen.node, begun);
      if (outcome !== undefined) return { ...seen, outcome };
      onState?.(seen);
    }
    await sleep(pollMs, late);
    if (late.aborted) break;
  }
  return { ...state, outcome: 'late', failure };
}

/** The node and, while it is not empty, its blockers: those known before if it does not tell. */
async function look(api: Api, before: DrainState, signal: AbortSignal): Promise<DrainState | CulvertError> {
  const path = `/nodes/${encodeURIComponent(before.node.id)}`;
  const node = await passing(api.call<ClusterNode>('GET', path, { signal }));
  if (node instanceof CulvertError) return node;
  if (node.state === 'empty') return { node, blockers: [] };
  const blockers = await passing(api.call<BlockerList>('GET', `${path}/blockers`, { signal }));
  return { node, blockers: blockers instanceof CulvertError ? before.blockers : blockers.items };
}

async function passing<T>(call: Promise<T>): Promise<T | CulvertError> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CulvertError && (PASSING.has(error.code) || error.code === 'node_not_found')) return error;
    throw error;
  }
}

function outcomeOf(node: ClusterNode, begun: ClusterNode): DrainOutcome | undefined {
  if (node.state === 'empty') return 'empty';
  if (node.state === 'dead') return 'dead';
  if (!node.cordoned) return 'uncordoned';
  // A boot that was declared dead goes on draining under a new one; a new process knows of no drain.
  if (node.boot !== begun.boot && node.state !== 'draining') return 'restarted';
  return undefined;
}
