import type { DrainedSession, ReattachRecord } from '@culvert/contracts';

/** A session's leaving of one node, and what its connections went through then. */
export interface Hop {
  readonly session: string;
  readonly from: string;
  /** What the worker told; undefined: it was gone before it was asked, and only the edges tell of it. */
  readonly drained: DrainedSession | undefined;
  /** In the order in which they happened. */
  readonly records: readonly ReattachRecord[];
}

/**
 * Joins what was touched: `s/<node>/<session>` a DrainedSession of that node, `r/<boot>/<seq>` a ReattachRecord. Records of
 * losses that have nothing to do with `nodes` (an agent's own network, say) belong to no hop.
 */
export function hopsOf(touched: ReadonlyMap<string, unknown>, nodes: ReadonlySet<string>): Hop[] {
  const hops = new Map<
    string,
    { session: string; from: string; drained?: DrainedSession; records: ReattachRecord[] }
  >();
  const records: ReattachRecord[] = [];
  for (const [key, value] of touched) {
    const [kind, node = '', session = ''] = key.split('/');
    if (kind === 'r') records.push(value as ReattachRecord); // as the engine read it
    if (kind !== 's') continue;
    hops.set(`${node}/${session}`, { session, from: node, drained: value as DrainedSession, records: [] });
  }
  records.sort((one, other) => Date.parse(one.at) - Date.parse(other.at) || one.seq - other.seq);
  const bySession = Map.groupBy(hops.values(), ({ session }) => session);
  for (const record of records) {
    // A link that was cut, and came back to the same worker: no deployment moves anybody like that, its verification does.
    if (record.from !== null && record.from === record.to) continue;
    const from = record.from ?? nearest(bySession.get(record.session) ?? [], record)?.from;
    if (from === undefined) continue;
    const key = `${from}/${record.session}`;
    const hop = hops.get(key);
    if (hop !== undefined) hop.records.push(record);
    else if (nodes.has(from)) hops.set(key, { session: record.session, from, records: [record] });
  }
  return [...hops.values()].map((hop) => ({ drained: undefined, ...hop }));
}

/** An edge that does not know which worker it lost: the hop that is closest in time. */
function nearest<H extends { readonly drained?: DrainedSession }>(
  hops: readonly H[],
  { at }: ReattachRecord,
): H | undefined {
  const distance = ({ drained }: H): number => Math.abs(Date.parse(drained?.at ?? at) - Date.parse(at));
  return hops.toSorted((one, other) => distance(one) - distance(other))[0];
}
