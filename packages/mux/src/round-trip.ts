/** A stream that carries less than this never needs a larger window, so it is not measured. */
const FIRST_AT_BYTES = 32_768;
/** Often enough to follow a path that changes, rare enough to cost nothing. */
const EVERY_MS = 1_000;

/**
 * The least round-trip time between the two ends of a stream, by PING frames that carry the stream's number and so
 * travel the whole path (SPEC §5.6). The least of the last two samples, because a sample taken behind a full
 * queue would make the window grow, and the queue with it.
 */
export class RoundTrip {
  #sentAtMs: number | undefined;
  #token = 0;
  #last: number | undefined;
  #beforeLast: number | undefined;
  #measuredAtMs = Number.NEGATIVE_INFINITY;

  get leastMs(): number | undefined {
    if (this.#last === undefined || this.#beforeLast === undefined) return this.#last;
    return Math.min(this.#last, this.#beforeLast);
  }

  /** The token of a PING to send now, or undefined. */
  due(receivedBytes: number, nowMs: number): number | undefined {
    if (receivedBytes < FIRST_AT_BYTES || this.#sentAtMs !== undefined) return undefined;
    if (nowMs - this.#measuredAtMs < EVERY_MS) return undefined;
    this.#token += 1;
    this.#sentAtMs = nowMs;
    return this.#token;
  }

  answered(token: number, nowMs: number): void {
    if (this.#sentAtMs === undefined || token !== this.#token) return;
    this.#beforeLast = this.#last;
    this.#last = nowMs - this.#sentAtMs;
    this.#measuredAtMs = nowMs;
    this.#sentAtMs = undefined;
  }
}
