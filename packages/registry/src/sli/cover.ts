import { CulvertError } from '@culvert/base';
import { SLI_SPANS, type SliSpan } from '@culvert/telemetry';

/** One span of time as it is kept: where it begins, ms since the Unix epoch. */
export interface KeptSpan {
  readonly span: SliSpan;
  readonly startMs: number;
}

export interface Cover {
  readonly fromMs: number;
  readonly toMs: number;
  /** In order, without gaps and overlaps. */
  readonly spans: readonly KeptSpan[];
}

const FINEST_FIRST: readonly SliSpan[] = ['minute', 'hour', 'day'];
const COARSEST_FIRST: readonly SliSpan[] = ['day', 'hour', 'minute'];

/**
 * The fewest spans that cover [fromMs, toMs), which is widened to bounds of spans that are still kept: of whole minutes
 * lately, of hours and days further back. At most some 600, whatever is asked for. @throws CulvertError invalid_request
 */
export function cover(fromMs: number, toMs: number, nowMs: number): Cover {
  if (!(Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs)) {
    throw new CulvertError('invalid_request', 'The time asked for must begin before it ends.');
  }
  const oldest = oldestKept('day', nowMs);
  const start = finestAt(Math.max(fromMs, oldest), nowMs);
  // What is under way has counted nothing beyond now, so it may stand for all of the rest.
  const open = toMs >= nowMs;
  const lastMs = Math.min(toMs, nowMs);
  const spans: KeptSpan[] = [];
  let at = floor(Math.max(fromMs, oldest), start);
  const from = at;
  while (at < lastMs) {
    const span = spanAt(at, lastMs, nowMs, open);
    spans.push({ span, startMs: at });
    at += SLI_SPANS[span].ms;
  }
  return { fromMs: from, toMs: open ? Math.max(toMs, from) : at, spans };
}

/** Starts of all spans of one length that touch [fromMs, toMs). */
export function startsOf(span: SliSpan, fromMs: number, toMs: number): number[] {
  const { ms } = SLI_SPANS[span];
  const first = floor(fromMs, span);
  const count = Math.max(0, Math.ceil((toMs - first) / ms));
  return Array.from({ length: count }, (_, i) => first + i * ms);
}

function spanAt(at: number, toMs: number, nowMs: number, open: boolean): SliSpan {
  const fits = COARSEST_FIRST.find((span) => floor(at, span) === at && (at + SLI_SPANS[span].ms <= toMs || open));
  return fits !== undefined && at >= oldestKept(fits, nowMs) ? fits : finestAt(at, nowMs);
}

/** The finest that is still kept of that time. */
function finestAt(at: number, nowMs: number): SliSpan {
  return FINEST_FIRST.find((span) => floor(at, span) >= oldestKept(span, nowMs)) ?? 'day';
}

/** Some of what is about to go counts as gone: it must not go between planning and reading. */
function oldestKept(span: SliSpan, nowMs: number): number {
  const { ms, keptMs } = SLI_SPANS[span];
  return nowMs - keptMs + ms;
}

function floor(at: number, span: SliSpan): number {
  const { ms } = SLI_SPANS[span];
  return Math.floor(at / ms) * ms;
}
