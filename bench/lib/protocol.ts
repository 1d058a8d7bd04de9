/** What the load generator asks of the target, over one connection. */

/** `D` and the number of bytes wanted, as 16 hex digits: the target sends that many and ends. */
export const DOWN = 'D';
/** `E`, then any number of 16-byte requests: 1 KB comes back for each. */
export const ECHO = 'E';
export const REQUEST_BYTES = 16;
export const ANSWER_BYTES = 1_024;

/** Where the load goes in: straight to an address, or by CONNECT through a proxy. */
export interface Way {
  readonly port: number;
  readonly connect?: { readonly target: string; readonly authorization: string };
}

export type Job =
  | { readonly kind: 'bulk'; readonly way: Way; readonly streams: number; readonly bytes: number }
  | { readonly kind: 'warm'; readonly way: Way; readonly connections: number; readonly ms: number }
  /** `connections`: so many at a time, each opened when one has ended; 1 unless given. */
  | { readonly kind: 'cold'; readonly way: Way; readonly count: number; readonly connections?: number }
  | { readonly kind: 'beside'; readonly way: Way; readonly ms: number };

/** Latencies in ms. */
export interface Answer {
  readonly seconds: number;
  readonly bytes: number;
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}
