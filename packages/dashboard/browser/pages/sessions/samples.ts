import type { LiveSession } from '@culvert/contracts';

/** How much of the past the page keeps, ms. */
export const KEPT_MS = 5 * 60_000;
/** Tellings further apart than this make no rate: what came between is not known to be even. ms. */
const GAP_MS = 5_000;

/** What a session had carried at a time; rates a second, null where there is none to tell. */
export interface Sample {
  /** ms since 1970, of the API's clock. */
  readonly at: number;
  readonly epoch: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly inPerSecond: number | null;
  readonly outPerSecond: number | null;
  readonly connections: number | null;
}

/** The samples with one more: the oldest fall out after five minutes. */
export function withSample(samples: readonly Sample[], live: LiveSession): readonly Sample[] {
  const last = samples.at(-1);
  const at = Date.parse(live.at);
  if (last !== undefined && at <= last.at) return samples; // told twice: a stream that came back
  const { session, trouble } = live;
  const seconds = last === undefined ? 0 : (at - last.at) / 1_000;
  const isRate =
    last !== undefined &&
    trouble === null &&
    last.connections !== null &&
    last.epoch === session.epoch && // the next owner counts from 0
    at - last.at <= GAP_MS &&
    session.bytesIn >= last.bytesIn &&
    session.bytesOut >= last.bytesOut;
  const sample: Sample = {
    ...{ at, epoch: session.epoch, bytesIn: session.bytesIn, bytesOut: session.bytesOut },
    inPerSecond: isRate ? (session.bytesIn - last.bytesIn) / seconds : null,
    outPerSecond: isRate ? (session.bytesOut - last.bytesOut) / seconds : null,
    connections: trouble === null ? session.connections : null,
  };
  return [...samples.filter((one) => one.at > at - KEPT_MS), sample];
}
