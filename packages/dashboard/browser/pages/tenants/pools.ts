import type { LiveNode, Tenant } from '@culvert/contracts';
import { counted } from '../../format/quantities.ts';

/** A pool as its workers show it. */
export interface Pool {
  readonly name: string;
  /** That take sessions now. */
  readonly ready: number;
  readonly workers: number;
  /** Sessions for which there is room. */
  readonly room: number;
}

export function poolsOf(nodes: readonly LiveNode[]): Pool[] {
  const pools = new Map<string, Pool>();
  for (const { role, pool: name, state, sessions, capacity } of nodes) {
    if (role !== 'worker' || state === 'dead') continue;
    const { ready, workers, room } = pools.get(name) ?? { ready: 0, workers: 0, room: 0 };
    const takes = state === 'ready';
    pools.set(name, {
      name,
      ready: ready + (takes ? 1 : 0),
      workers: workers + 1,
      room: room + (takes ? Math.max(0, capacity - sessions) : 0),
    });
  }
  return [...pools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface PinPlan {
  /** null: unpin. */
  readonly pool: string | null;
  readonly spill: readonly string[];
}

/** What a pin does to the sessions that are there, and what speaks against it. */
export function pinEffect(
  tenant: Pick<Tenant, 'pool' | 'spill'>,
  { pool, spill }: PinPlan,
  sessions: number,
  pools: readonly Pool[],
): { readonly words: string; readonly warnings: readonly string[] } {
  const wanted = [pool ?? 'default', ...spill];
  const had = [tenant.pool ?? 'default', ...tenant.spill];
  const stays = had.every((name) => wanted.includes(name));
  const where = `pool ${wanted.join(', or when that is full to ')}`;
  const words = stays
    ? 'Its sessions may stay where they are.'
    : sessions === 0
      ? `It has no sessions now; new ones go to ${where}.`
      : `Its ${counted(sessions, 'session')} go to ${where}: each is moved with its connections, which go on.`;
  return { words, warnings: wanted.flatMap((name) => warningOf(name, pools, name === wanted[0] ? sessions : 0)) };
}

/** `a, b` → its names, each once. */
export function namesIn(typed: string): string[] {
  return [...new Set(typed.split(/[\s,]+/).filter((name) => name !== ''))];
}

function warningOf(name: string, pools: readonly Pool[], sessions: number): string[] {
  const pool = pools.find((one) => one.name === name);
  if (pool === undefined) {
    return [
      `Pool ${name} has no worker: until one is started (culvert worker --pool ${name}), agents find no place there.`,
    ];
  }
  if (pool.ready === 0) return [`No worker of pool ${name} is ready: agents find no place there until one is.`];
  if (pool.room < sessions) return [`Pool ${name} has room for ${counted(pool.room, 'session')} only.`];
  return [];
}
