import type { Clock } from '@culvert/base';
import type { Ledger } from '../ledger.ts';
import type { BuiltIn } from '../metrics.ts';
import type { Tags } from '../tags.ts';

/** A session that a real agent serves, and the private app behind it. */
export interface ServedSession {
  readonly sessionId: string;
  readonly username: string;
  readonly password: string;
  /** A name that only the agent resolves. */
  readonly host: string;
  /** Of the app's HTTP and WebSocket server, and of its TCP echo. */
  readonly webPort: number;
  readonly echoPort: number;
}

/** What one VU's traffic goes through and is counted by. */
export interface TrafficContext {
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** A gateway's proxy address, without credentials. */
  readonly proxy: URL;
  readonly session: ServedSession;
  /** Distinct for each call in a run: the bytes of no two connections are alike. */
  readonly nextName: () => string;
  /** Aborted: the iteration is interrupted. */
  readonly signal: () => AbortSignal;
  /** When the next request counts from, ms of the clock: now, less what the iteration began late, for its first one. */
  readonly dueMs: () => number;
  readonly add: (metric: BuiltIn, value: number, tags?: Tags) => void;
}

export function authorizationOf({ username, password }: ServedSession): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The code of an error of the system (`ECONNRESET`), or its name. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
