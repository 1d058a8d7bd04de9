import type { Directory } from './directory.ts';

/**
 * A boot that came back under a new name reasserts within a beat or two; an agent that was away with its worker's death
 * may take the resume window (60 s by default). Their entries wait for that: they say which session it was.
 */
const SESSION_GRACE_MS = 120_000;
/** Dead nodes stay visible this long, so that people see what died. */
const NODE_GRACE_MS = 3_600_000;
/** A process frozen for longer than this that wakes again is met by the epochs alone. */
const LEASE_MEMORY_MS = 7 * 24 * 3_600_000;

/** Bounds per call. */
const OWNERS_PER_SWEEP = 500;
const SESSIONS_PER_SWEEP = 1_000;
const SESSIONS_PER_CALL = 100;
const NODES_PER_SWEEP = 100;

export interface SweepResult {
  readonly nodes: number;
  readonly sessions: number;
}

/** `graceMs` is for tests. */
export interface SweepOptions {
  readonly sessionGraceMs?: number;
  readonly nodeGraceMs?: number;
}

/** Removes what dead boots left behind. Harmless to run anywhere, at any time, several times at once. */
export async function sweep(directory: Directory, options: SweepOptions = {}): Promise<SweepResult> {
  const sessions = await sweepSessions(directory, options.sessionGraceMs ?? SESSION_GRACE_MS);
  const { scripts, keys } = directory;
  const reply = await scripts.run('sweep_nodes', [keys.nodes, keys.leases, keys.watermarks, keys.events], {
    nodeMs: options.nodeGraceMs ?? NODE_GRACE_MS,
    leaseMs: LEASE_MEMORY_MS,
    most: NODES_PER_SWEEP,
  });
  return { nodes: reply.integer('removed'), sessions };
}

/** Hops from owner to owner in the index: the cost is per node, not per session, while everybody lives. */
async function sweepSessions(directory: Directory, graceMs: number): Promise<number> {
  let removed = 0;
  let from = '-';
  for (let hops = 0; hops < OWNERS_PER_SWEEP && removed < SESSIONS_PER_SWEEP; hops += 1) {
    const members = await page(directory, from, 1);
    const owner = ownerOf(members[0]);
    if (owner === undefined) return removed;
    const swept = await sweepOwner(directory, owner, graceMs, SESSIONS_PER_SWEEP - removed);
    removed += swept;
    from = `(${owner}0`; // past every `owner/…`
  }
  return removed;
}

async function sweepOwner(directory: Directory, owner: string, graceMs: number, most: number): Promise<number> {
  const { scripts, keys } = directory;
  let removed = 0;
  while (removed < most) {
    const members = await page(directory, `[${owner}/`, SESSIONS_PER_CALL, `(${owner}0`);
    if (members.length === 0) return removed;
    const ids = members.map((member) => member.slice(owner.length + 1));
    const reply = await scripts.run(
      'sweep_sessions',
      [keys.owned, keys.tenanted, keys.leases, keys.nodes, keys.meta, keys.events, ...ids.map(keys.session)],
      { owner, graceMs, ids },
    );
    if (reply.oneOf('outcome', ['swept', 'alive', 'unsettled', 'too_many_missing']) !== 'swept') return removed;
    removed += members.length;
  }
  return removed;
}

function page(directory: Directory, from: string, count: number, to = '+'): Promise<string[]> {
  return directory.connection.command('a sweep', (redis) =>
    redis.zrangebylex(directory.keys.owned, from, to, 'LIMIT', 0, count),
  );
}

function ownerOf(member: string | undefined): string | undefined {
  return member?.slice(0, member.lastIndexOf('/'));
}
