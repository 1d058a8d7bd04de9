import { type Clock, CulvertError, type Logger, silentLogger, systemClock } from '@culvert/base';
import { dialLink, splice } from '@culvert/link';
import { RESUME_WINDOW_MS } from '@culvert/mux';
import type { Address } from './address.ts';
import { type AgentApi, RoutingApi } from './api.ts';
import type { AgentTracing } from './connection-trace.ts';
import type { AgentListener } from './events.ts';
import { Policy } from './policy.ts';
import { type Lookup, parseHosts, systemLookup } from './resolve.ts';

export interface AgentOptions {
  /** The routing API, such as `https://culvert.example`; or an object that answers in its place. */
  readonly api: string | AgentApi;
  /** An agent key; not looked at by an object that answers in the API's place. */
  readonly key: string;
  /** A session opened with a name keeps its id and its proxy credentials across restarts; without, each start gets new ones. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Rules `host[:ports]`; given, only what one of them matches may be reached. */
  readonly allow?: readonly string[];
  /** Rules that win over `allow`. */
  readonly deny?: readonly string[];
  /** Names answered here instead of by DNS: name → address. The rules apply to them all the same. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
  /** Bound of a dial, name lookup included, in ms. Default 10 000. */
  readonly dialDeadlineMs?: number;
  /** PEM certificates to trust for the API and for links, instead of the public ones. */
  readonly ca?: string;
  /** Aborted: the agent closes, with the default deadline. */
  readonly signal?: AbortSignal;
  /** Hears every event, from the first on. */
  readonly onEvent?: AgentListener;
  /** Dials under way at one time; more are refused with `limit_exceeded`. Default 256. */
  readonly maxDials?: number;
  /** Connections at one time; more are refused with `limit_exceeded`. Default 4096. */
  readonly maxConnections?: number;
  /** How long a connection that has lost its path waits to be resumed, in ms. Default 60 000, as at the gateways. */
  readonly resumeWindowMs?: number;
  /** 2: a second worker stands by, and takes over without a new dial. Default 1. */
  readonly links?: number;
  /** Takes spans of dials and of moves; unless given, nothing is traced. */
  readonly tracing?: AgentTracing;
}

/** The same, checked once, without anything optional that has a default. */
export interface ResolvedAgentOptions {
  readonly api: AgentApi;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly policy: Policy;
  readonly hosts: ReadonlyMap<string, Address>;
  readonly logger: Logger;
  readonly dialDeadlineMs: number;
  readonly ca: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: AgentListener | undefined;
  readonly maxDials: number;
  readonly maxConnections: number;
  readonly resumeWindowMs: number;
  readonly links: 1 | 2;
  readonly tracing: AgentTracing | undefined;
  /** What tests replace. */
  readonly seams: Seams;
}

/** The outside world, as the agent meets it. */
export interface Seams {
  readonly dialLink: typeof dialLink;
  readonly splice: typeof splice;
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** 0 ≤ x < 1, for back-off. */
  readonly random: () => number;
}

/**
 * The system clock with timers that keep the process alive: an agent that waits to reconnect is not done, and its
 * process must not end under it.
 */
const wakefulClock: Clock = {
  ...systemClock,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

const REAL: Seams = { dialLink, splice, lookup: systemLookup, clock: wakefulClock, random: Math.random };

/** Throws `config_invalid`, naming the option that is wrong. */
export function resolveOptions(options: AgentOptions, seams: Partial<Seams> = {}): ResolvedAgentOptions {
  return {
    api: typeof options.api === 'string' ? routingApi(options, options.api) : options.api,
    name: options.name,
    labels: { ...options.labels },
    policy: new Policy({ allow: options.allow ?? [], deny: options.deny ?? [] }),
    hosts: parseHosts(options.hosts ?? {}),
    logger: options.logger ?? silentLogger,
    dialDeadlineMs: positive('dialDeadlineMs', options.dialDeadlineMs ?? 10_000),
    ca: options.ca,
    signal: options.signal,
    onEvent: options.onEvent,
    maxDials: positive('maxDials', options.maxDials ?? 256),
    maxConnections: positive('maxConnections', options.maxConnections ?? 4_096),
    resumeWindowMs: positive('resumeWindowMs', options.resumeWindowMs ?? RESUME_WINDOW_MS),
    links: oneOrTwo('links', options.links ?? 1),
    tracing: options.tracing,
    seams: { ...REAL, ...seams },
  };
}

function routingApi({ key, ca }: AgentOptions, api: string): AgentApi {
  if (key === '') throw new CulvertError('config_invalid', 'the key is empty');
  return new RoutingApi({ url: parseApiUrl(api), key, ca });
}

/** Throws `config_invalid` for what is not an http: or https: URL. */
export function parseApiUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CulvertError('config_invalid', `the API address ${JSON.stringify(text)} is no http: or https: URL`);
  }
  return url;
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new CulvertError('config_invalid', `${name} must be a whole number above 0, not ${value}`);
}

function oneOrTwo(name: string, value: number): 1 | 2 {
  if (value === 1 || value === 2) return value;
  throw new CulvertError('config_invalid', `${name} must be 1 or 2, not ${value}`);
}
