import { SLI_SPANS, type SliBucket, type SliSpan } from '@culvert/telemetry';
import type { Directory } from '../directory.ts';
import { assertId, ownerRef } from '../keys.ts';
import { formatCounts } from './counts-text.ts';

const DAY_MS = 86_400_000;
/** How long after the end of a span what each boot counted in it is kept: so long can it be told again. */
const BOOTS_KEPT_MS: Readonly<Record<SliSpan, number>> = { minute: DAY_MS, hour: 2 * DAY_MS, day: 4 * DAY_MS };
/** Buckets that one script takes in. */
const BUCKETS_AT_ONCE = 200;
/** Of one span of time: what boots told, and totals by tenant. What is beyond is bounded, not kept. */
const MAX_FIELDS = 20_000;
const MAX_TOTALS = 1_000;

export async function writeBuckets(
  directory: Directory,
  { node, boot }: { readonly node: string; readonly boot: string },
  buckets: readonly SliBucket[],
): Promise<void> {
  assertId('the node', node);
  assertId('the boot', boot);
  for (let at = 0; at < buckets.length; at += BUCKETS_AT_ONCE) {
    await writeSome(directory, ownerRef({ id: node, boot }), buckets.slice(at, at + BUCKETS_AT_ONCE));
  }
}

async function writeSome({ scripts, keys, logger }: Directory, owner: string, buckets: readonly SliBucket[]) {
  const places = new Map<string, number>();
  const spans: { totalsUntilMs: number; bootsUntilMs: number }[] = [];
  const touched: string[] = [];
  const placeOf = ({ span, startMs }: SliBucket): number => {
    const totals = keys.sli.totals(span, startMs);
    const known = places.get(totals);
    if (known !== undefined) return known;
    const endMs = startMs + SLI_SPANS[span].ms;
    spans.push({ totalsUntilMs: endMs + SLI_SPANS[span].keptMs, bootsUntilMs: endMs + BOOTS_KEPT_MS[span] });
    touched.push(totals, keys.sli.boots(span, startMs));
    places.set(totals, spans.length);
    return spans.length;
  };
  const told = buckets.map((bucket) => {
    const { source, tenant } = bucket;
    assertId('the tenant', tenant.replace(/^~/, ''));
    const field = `${owner}/${source}/${tenant}`;
    return { at: placeOf(bucket), field, source, tenant, counts: formatCounts(bucket.counts) };
  });
  const limits = { maxFields: MAX_FIELDS, maxTotals: MAX_TOTALS };
  const reply = await scripts.run('sli_write', touched, { spans, buckets: told, ...limits });
  const left = reply.integer('left');
  if (left > 0) logger.warn({ event: 'sli.too_many', left }, 'more service-level counts than are kept');
}
