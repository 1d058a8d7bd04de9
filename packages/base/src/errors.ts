/**
 * Every failure that a person or a program outside this process may see has a stable code.
 * docs/ERRORS.md lists the same codes; a test compares the two.
 */
export const ERROR_CODES = {
  // Through the proxy.
  proxy_auth_required: { status: 407, meaning: 'The proxy credentials are missing or wrong.' },
  target_denied: { status: 403, meaning: "The agent's rules do not allow this target." },
  target_unreachable: { status: 502, meaning: 'The target refused the connection, or its name does not resolve.' },
  target_timeout: { status: 504, meaning: 'The target did not answer the dial in time.' },
  target_reset: { status: 502, meaning: 'The target broke the connection off before its answer was complete.' },
  target_invalid_response: { status: 502, meaning: "The target's answer is not valid HTTP/1.1." },
  session_offline: { status: 503, meaning: 'No agent serves this session now.' },
  limit_exceeded: { status: 429, meaning: 'A limit of the tenant, the session or the node is reached.' },
  bad_request: { status: 400, meaning: 'The request is malformed or ambiguous.' },
  headers_too_large: { status: 431, meaning: 'The header section is larger than the proxy accepts.' },
  unsupported_scheme: { status: 400, meaning: 'Only http: targets and CONNECT go through the proxy.' },
  wrong_owner: { status: 503, meaning: 'This worker does not own the session.' },
  draining: { status: 503, meaning: 'This node takes no new work.' },
  // The API.
  unauthenticated: { status: 401, meaning: 'The API key is missing or unknown.' },
  key_expired: { status: 401, meaning: 'The API key has expired.' },
  key_revoked: { status: 401, meaning: 'The API key was revoked.' },
  forbidden: { status: 403, meaning: 'This key may not do that.' },
  sign_in_ended: { status: 401, meaning: "The browser's sign-in has ended: too long idle, too old, or signed out." },
  csrf: { status: 403, meaning: 'A request by cookie that changes something did not come from the dashboard itself.' },
  invalid_request: { status: 400, meaning: 'A field of the request is missing or wrong.' },
  not_found: { status: 404, meaning: 'There is no such resource.' },
  session_not_found: { status: 404, meaning: 'There is no such session.' },
  node_not_found: { status: 404, meaning: 'There is no such node.' },
  tenant_not_found: { status: 404, meaning: 'There is no such tenant.' },
  tenant_exists: { status: 409, meaning: 'A tenant with this id exists already.' },
  key_not_found: { status: 404, meaning: 'There is no such key.' },
  session_busy: { status: 409, meaning: 'The session has open connections; force=true closes it all the same.' },
  idempotency_conflict: {
    status: 409,
    meaning: 'The Idempotency-Key was used with another request, or that request still runs.',
  },
  deployment_not_found: { status: 404, meaning: 'There is no such deployment, or it is so old that it was forgotten.' },
  deployment_active: { status: 409, meaning: 'Another deployment is under way; `queue` waits for its end.' },
  deployment_over: { status: 409, meaning: 'The deployment has ended; it takes no more commands.' },
  chaos_not_allowed: {
    status: 403,
    meaning: 'Failures may not be rehearsed here: the configuration does not allow it.',
  },
  chaos_active: { status: 409, meaning: 'Another rehearsal of failures is under way.' },
  not_steady: { status: 409, meaning: 'The cluster is not well, so a rehearsal of failures would tell nothing.' },
  provider_failed: { status: 502, meaning: 'The node provider could not do what it was asked for.' },
  payload_too_large: { status: 413, meaning: 'The request body is larger than the API accepts.' },
  no_worker_available: { status: 503, meaning: 'No ready worker can take the session now.' },
  no_gateway_available: { status: 503, meaning: 'No gateway is ready.' },
  registry_unavailable: { status: 503, meaning: 'Redis does not answer; what is established goes on.' },
  recovering: {
    status: 503,
    meaning:
      'Redis lost data, and the workers are telling it again what they hold: what is not there may be yet to come.',
  },
  overloaded: { status: 503, meaning: 'Sessions are admitted at a bounded rate; come back after Retry-After.' },
  node_unreachable: { status: 502, meaning: 'The node that owns this does not answer.' },
  api_unreachable: { status: 502, meaning: 'The routing API does not answer, or something else answers there.' },
  internal: { status: 500, meaning: 'A fault in Culvert; the log has the details.' },
  // Links and streams (packages/mux/SPEC.md).
  protocol_error: { status: 502, meaning: 'The peer broke a rule of the tunnel protocol.' },
  unsupported_version: { status: 426, meaning: 'The two ends share no protocol version.' },
  frame_too_large: { status: 502, meaning: 'A frame is larger than the limit agreed on.' },
  flow_control_error: { status: 502, meaning: 'The peer sent more than its window.' },
  offset_mismatch: { status: 502, meaning: 'Data arrived at another offset than expected.' },
  unknown_stream: { status: 502, meaning: 'A frame names a stream that was never opened, or a key that is not known.' },
  link_lost: { status: 502, meaning: 'The link that carried the connection was lost.' },
  link_timeout: { status: 504, meaning: 'The peer of a link went silent past the liveness deadline.' },
  resume_expired: {
    status: 504,
    meaning: 'The connection lost its path, and found no other within the resume window.',
  },
  cancelled: { status: 499, meaning: 'The other side gave up before the connection was open.' },
  aborted: { status: 502, meaning: 'One side broke the connection off.' },
  // Why a session, or an agent's link, ends.
  ticket_invalid: { status: 401, meaning: 'The link ticket is malformed, forged, or for another worker.' },
  ticket_expired: { status: 401, meaning: 'The link ticket has expired.' },
  superseded: { status: 409, meaning: 'The session is served elsewhere under a higher epoch.' },
  fenced: { status: 409, meaning: 'Somebody newer has taken over; this write, or order, is refused.' },
  session_closed: { status: 410, meaning: 'An operator or the tenant closed the session.' },
  shutting_down: { status: 503, meaning: 'The process is stopping.' },
  timeout: { status: 504, meaning: 'The operation did not finish by its deadline.' },
  // The local cluster.
  data_dir_in_use: { status: 409, meaning: 'Another cluster uses this data directory.' },
  redis_unobtainable: { status: 500, meaning: 'There is no Redis on this machine, and none could be fetched.' },
  start_failed: { status: 500, meaning: 'A process did not become ready.' },
  config_invalid: { status: 500, meaning: 'A flag or environment variable is missing or wrong.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface CulvertErrorOptions {
  /** What the person who reads it can do about it. */
  fix?: string;
  /** Seconds after which a retry makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The one error class. `message` is for people, `code` is for programs. */
export class CulvertError extends Error {
  override readonly name = 'CulvertError';
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message?: string, options: CulvertErrorOptions = {}) {
    super(message ?? ERROR_CODES[code].meaning, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}

/** A code that came from a peer: one we know as it is, any other as `fallback`. */
export function toErrorCode(value: unknown, fallback: ErrorCode): ErrorCode {
  return isErrorCode(value) ? value : fallback;
}

/** Whatever was thrown, as a CulvertError; what is not one already becomes `code` with the original as its cause. */
export function toCulvertError(thrown: unknown, code: ErrorCode = 'internal'): CulvertError {
  if (thrown instanceof CulvertError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CulvertError(code, message, { cause: thrown });
}
