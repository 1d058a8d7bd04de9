import { CulvertError, type ErrorCode } from '@culvert/base';

/** Whose fault it is that a connection was not opened. `failed`: Culvert's. `excused`: somebody else's. */
export type Fault = 'failed' | 'excused';

export interface Classified {
  readonly fault: Fault;
  /** Why, for people. */
  readonly why: string;
}

const failed = (why: string): Classified => ({ fault: 'failed', why });
const excused = (why: string): Classified => ({ fault: 'excused', why });

const TARGET = excused('the target, or the way from the agent to it');
const BROWSER = excused('the request was the browser’s, and wrong');
const CREDENTIALS = excused('the credentials are the customer’s to keep');
const PROTOCOL = failed('both ends of the tunnel protocol are ours');
const REGISTRY = failed('where the session is served could not be found out');
const PATH = failed('the way between edge and agent is ours');
const NO_CONNECTION = excused('answers a call of the API, or ends a command: never a connection');

/**
 * Every code that a connection may come to nothing with. It does not compile until a new code is classified. Two codes are
 * looked into further: see `faultOf`.
 */
export const FAULTS: Readonly<Record<ErrorCode, Classified>> = {
  proxy_auth_required: CREDENTIALS,
  target_denied: excused('the customer’s own rules'),
  target_unreachable: TARGET,
  target_timeout: TARGET,
  target_reset: TARGET,
  target_invalid_response: TARGET,
  session_offline: excused('the customer’s agent is not there'),
  limit_exceeded: excused('a limit that somebody set is reached, and is kept'),
  bad_request: BROWSER,
  headers_too_large: BROWSER,
  unsupported_scheme: BROWSER,
  wrong_owner: failed('the session is served, and was not found'),
  draining: failed('a release is ours to hide'),
  unauthenticated: CREDENTIALS,
  key_expired: CREDENTIALS,
  key_revoked: CREDENTIALS,
  forbidden: CREDENTIALS,
  sign_in_ended: CREDENTIALS,
  csrf: CREDENTIALS,
  invalid_request: NO_CONNECTION,
  not_found: NO_CONNECTION,
  session_not_found: NO_CONNECTION,
  node_not_found: NO_CONNECTION,
  tenant_not_found: NO_CONNECTION,
  tenant_exists: NO_CONNECTION,
  key_not_found: NO_CONNECTION,
  session_busy: NO_CONNECTION,
  idempotency_conflict: NO_CONNECTION,
  deployment_not_found: NO_CONNECTION,
  deployment_active: NO_CONNECTION,
  deployment_over: NO_CONNECTION,
  provider_failed: NO_CONNECTION,
  payload_too_large: NO_CONNECTION,
  chaos_not_allowed: NO_CONNECTION,
  chaos_active: NO_CONNECTION,
  not_steady: NO_CONNECTION,
  no_worker_available: failed('there is no room for the session'),
  no_gateway_available: failed('there is no way in'),
  registry_unavailable: REGISTRY,
  recovering: REGISTRY,
  overloaded: failed('there is too little of us'),
  node_unreachable: PATH,
  api_unreachable: REGISTRY,
  internal: failed('a fault in Culvert'),
  protocol_error: PROTOCOL,
  unsupported_version: PROTOCOL,
  frame_too_large: PROTOCOL,
  flow_control_error: PROTOCOL,
  offset_mismatch: PROTOCOL,
  unknown_stream: PROTOCOL,
  link_lost: PATH,
  link_timeout: PATH,
  resume_expired: PATH,
  cancelled: excused('the browser gave up; that it waited long shows in the set-up times of the others'),
  aborted: excused('one of the two who talk broke it off'),
  ticket_invalid: CREDENTIALS,
  ticket_expired: CREDENTIALS,
  superseded: failed('the session has moved, and the connection was not taken along'),
  fenced: failed('the session has moved, and the connection was not taken along'),
  session_closed: excused('an operator or the tenant closed the session'),
  shutting_down: failed('a node that stops is ours to hide'),
  timeout: failed('nobody answered who is ours'),
  data_dir_in_use: NO_CONNECTION,
  redis_unobtainable: NO_CONNECTION,
  start_failed: NO_CONNECTION,
  config_invalid: NO_CONNECTION,
};

/** Codes that say what the browser hears and not why: the cause does, where there is one. */
const LOOKED_INTO: ReadonlySet<ErrorCode> = new Set(['session_offline', 'target_timeout']);
/** Wrapped once or twice; more would be a loop. */
const DEPTH = 8;

/**
 * Whose fault it is that a connection came to nothing. An agent that has left is the customer's; a session whose worker is
 * gone, and that was waited for in vain, is ours, and so is a dial that nobody answers: there the error has that as its cause.
 */
export function faultOf(error: CulvertError): Fault {
  let told = error;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    if (!LOOKED_INTO.has(told.code) || !(told.cause instanceof CulvertError)) break;
    told = told.cause;
  }
  return FAULTS[told.code].fault;
}
