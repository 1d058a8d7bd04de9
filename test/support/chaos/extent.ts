/** `npm run chaos` rehearses every failure at full length; `npm test` as short as it still means something. */
const FULL = process.env.CULVERT_CHAOS === 'full';

/** How often, or for how many ms: in a full run, and in a short one. */
export function extent(full: number, short: number): number {
  return FULL ? full : short;
}

/** Cases of a full run only: what they show is part of another case that a short run has. */
export function inFull(declare: () => void): void {
  if (FULL) declare();
}
