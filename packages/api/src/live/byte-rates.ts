import type { NodeView } from '@culvert/registry';

/** Two beats closer than this (a node may beat sooner than is due) make no rate: the error would be as large as the rate. ms. */
const LEAST_SPAN_MS = 1_000;

/** Bytes a second. */
export interface ByteRate {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What one boot had carried at a beat, and the rate that led there; null: it has told too little yet. */
export interface ByteMark {
  readonly boot: string;
  /** ms of Redis's clock. */
  readonly beatAt: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rate: ByteRate | null;
}

/** By node id. */
export type ByteMarks = ReadonlyMap<string, ByteMark>;

/**
 * The marks after another look at the nodes. A rate is that of the time between two beats of one boot; it stands until the
 * next beat. A new boot, and one whose counts or clock went back, begins anew. Nodes that are gone, dead, or of a release
 * that tells no counts have no mark.
 */
export function nextMarks(before: ByteMarks, nodes: readonly NodeView[]): ByteMarks {
  const marks = new Map<string, ByteMark>();
  for (const node of nodes) {
    const mark = markOf(node, before.get(node.id));
    if (mark !== undefined) marks.set(node.id, mark);
  }
  return marks;
}

function markOf({ boot, state, beatAt, bytesIn, bytesOut }: NodeView, last: ByteMark | undefined) {
  if (state === 'dead' || beatAt === undefined || bytesIn === undefined || bytesOut === undefined) return undefined;
  const fresh: ByteMark = { boot, beatAt, bytesIn, bytesOut, rate: null };
  if (last === undefined || last.boot !== boot || last.beatAt > beatAt) return fresh;
  if (bytesIn < last.bytesIn || bytesOut < last.bytesOut) return fresh;
  const spanMs = beatAt - last.beatAt;
  if (spanMs < LEAST_SPAN_MS) return last;
  const perSecond = (bytes: number): number => Math.round((bytes * 1_000) / spanMs);
  const rate = { bytesIn: perSecond(bytesIn - last.bytesIn), bytesOut: perSecond(bytesOut - last.bytesOut) };
  return { ...fresh, rate };
}
