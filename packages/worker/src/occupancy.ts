import type { DirectConnections } from './direct-connections.ts';
import type { SessionActor } from './session-actor.ts';

export interface Occupancy {
  /** Age of the oldest connection, ms; null: there is none. */
  readonly longestMs: number | null;
  /** Connections of which an end does not resume: they cannot go on over another worker. Those of its own address aside. */
  readonly unmovable: number;
}

/** What a drain would find among the connections that are here now. `nowMs`: as their times, ms since the Unix epoch. */
export function occupancyOf(
  present: readonly SessionActor[],
  direct: Pick<DirectConnections, 'all'>,
  nowMs: number,
): Occupancy {
  const own = direct.all();
  const isOwn = new Set(own.map(({ connection }) => connection.connectionId));
  const circuits = present.flatMap((actor) => [...actor.side.circuits(), ...actor.detached]);
  // One by one: a spread of all would be too many arguments on a worker with many.
  const oldest = [...own, ...circuits].reduce((least, { openedAtMs }) => Math.min(least, openedAtMs), nowMs + 1);
  return {
    longestMs: oldest > nowMs ? null : nowMs - oldest,
    unmovable: circuits.filter(({ resumable, request }) => !resumable && !isOwn.has(request.connectionId)).length,
  };
}
