/** Every call of a provider ends within this, ms. */
export const MAX_CALL_MS = 10_000;
/** Of what a provider says in one answer; ten thousand nodes are some 1 MB. */
export const MAX_OUTPUT_BYTES = 2 ** 20;
/** Of a node's log. */
export const MAX_LOG_BYTES = 64 * 1024;
