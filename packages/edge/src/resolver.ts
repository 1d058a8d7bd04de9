import type { Stream, StreamKind } from '@culvert/mux';
import type { ConnectionObserver } from './observer.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where a connection is to go: the name or address as the browser wrote it (IPv6 without brackets). */
export interface Target {
  readonly host: string;
  /** 1–65535. */
  readonly port: number;
}

export interface OpenTarget extends Target {
  readonly kind: StreamKind;
  readonly connectionId: string;
  /** Hears of the owners that are asked; its trace context goes with the OPEN. */
  readonly observer?: Pick<ConnectionObserver, 'asked' | 'traceparent'>;
}

/** One authenticated session, as the proxy front sees it. */
export interface Tunnel {
  readonly sessionId: string;
  readonly tenantId: string;
  /**
   * Resolves once the agent has reached the target. Rejects with a CulvertError: `target_denied`,
   * `target_unreachable`, `target_timeout`, `session_offline`, `limit_exceeded` …, or when `signal` is aborted.
   */
  open(target: OpenTarget, signal: AbortSignal): Promise<Stream>;
}

export interface Resolver {
  /** Rejects with `proxy_auth_required`, `session_offline`, `limit_exceeded` or `registry_unavailable`. */
  resolve(credentials: Credentials): Promise<Tunnel>;
}
