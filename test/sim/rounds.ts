import type { DataSet, Round } from './data-set.ts';

/** As the real ones: see packages/registry/src/registry.ts and nodes.ts. */
const NEW_MS = 2_500;
const LOST_MS = 5_000;
const ROUND_MS = 60_000;
/** Nobody has beaten for so long: every lease is over. */
export const SILENCE_MS = 6_000;

/** The part of beat.lua that says whether "not there" means absent. */
export function roundOf(data: DataSet, server: number, nowMs: number, confirmed: string | undefined): Round {
  let round = data.round;
  if (round === undefined) round = open(server, nowMs, confirmed !== undefined);
  else if (round.server !== server || nowMs - round.beatAtMs > SILENCE_MS) round = open(server, nowMs, true);
  else if (!round.whole && confirmed !== undefined && confirmed !== round.id) round = { ...round, lost: true };
  if (!round.whole) {
    const ageMs = nowMs - round.sinceMs;
    const settled = ageMs >= (round.lost ? LOST_MS : NEW_MS);
    if ((settled && allConfirmed(data, round.id, nowMs)) || ageMs >= ROUND_MS) round = { ...round, whole: true };
  }
  data.round = { ...round, beatAtMs: nowMs };
  return data.round;
}

function open(server: number, nowMs: number, lost: boolean): Round {
  return { id: `${server} ${nowMs}`, server, sinceMs: nowMs, lost, whole: false, beatAtMs: nowMs };
}

function allConfirmed(data: DataSet, round: string, nowMs: number): boolean {
  return [...data.nodes.values()].every(
    ({ info, confirmed }) => info.role !== 'worker' || confirmed === round || !data.lives(info, nowMs),
  );
}
