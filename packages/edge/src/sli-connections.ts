import type { ErrorCode } from '@culvert/base';
import { CANARY_TENANT } from '@culvert/contracts';
import { FAULTS, faultOf, type SliRecorder, type SliSeries } from '@culvert/telemetry';
import type { ConnectionObserver, ConnectionWish, EdgeObserver } from './observer.ts';

export interface SliConnectionsOptions {
  readonly recorder: SliRecorder;
  /**
   * Asked about a connection whose time without a path is over: is its session's agent away, so that nobody could have found
   * one? Rejects while that cannot be known.
   */
  readonly agentAway?: (sessionId: string) => Promise<boolean>;
  /** Told of each that is counted. */
  readonly counted?: (tenantId: string, outcome: 'opened' | 'failed' | 'excused' | 'lost') => void;
}

/** Ends of open connections that somebody had the right to: whoever closes a session, or takes it over, ends what it carries. */
const BY_RIGHT: ReadonlySet<string> = new Set<ErrorCode>(['session_closed', 'key_revoked', 'superseded']);
/** Said over a path that works, it is the agent's, which stops in good order; else it is ours. */
const OF_EITHER: ReadonlySet<string> = new Set<ErrorCode>(['shutting_down']);

const NOBODY: ConnectionObserver = {
  opened: () => undefined,
  failed: () => undefined,
  detached: () => undefined,
  resumed: () => undefined,
  lost: () => undefined,
  closed: () => undefined,
};

/**
 * Counts what customers got of their connections. Those of the canary tenant are not: whoever makes them counts them, as
 * synthetic. What was refused before a session was known was no connection.
 */
export function sliConnections(options: SliConnectionsOptions): EdgeObserver {
  return {
    connecting: (wish) => (wish.tenantId === CANARY_TENANT ? NOBODY : new CountedConnection(wish, options)),
    refused: () => undefined,
  };
}

class CountedConnection implements ConnectionObserver {
  readonly #sessionId: string;
  readonly #tenantId: string;
  readonly #options: SliConnectionsOptions;
  readonly #series: SliSeries;
  #hasPath = true;

  constructor({ sessionId, tenantId }: ConnectionWish, options: SliConnectionsOptions) {
    this.#sessionId = sessionId;
    this.#tenantId = tenantId;
    this.#options = options;
    this.#series = options.recorder.of('real', tenantId);
  }

  opened(setupMs: number): void {
    this.#series.opened(setupMs);
    this.#series.change('connectionMs', 1);
    this.#options.counted?.(this.#tenantId, 'opened');
  }

  failed(error: Parameters<ConnectionObserver['failed']>[0]): void {
    this.#count(faultOf(error));
  }

  detached(): void {
    this.#hasPath = false;
  }

  resumed({ gapMs }: Parameters<ConnectionObserver['resumed']>[0]): void {
    this.#hasPath = true;
    this.#series.add('resumed');
    this.#series.add('gapMs', gapMs);
  }

  /** `closed` follows, with the same code. */
  lost(): void {
    this.#hasPath = false;
  }

  closed({ reason }: Parameters<ConnectionObserver['closed']>[0]): void {
    this.#series.change('connectionMs', -1);
    this.#series.add('closed');
    if (this.#isLoss(reason)) void this.#countLoss(reason);
  }

  #isLoss(reason: ErrorCode | 'end'): boolean {
    if (reason === 'end' || BY_RIGHT.has(reason)) return false;
    if (OF_EITHER.has(reason)) return !this.#hasPath;
    return FAULTS[reason].fault === 'failed';
  }

  async #countLoss(reason: ErrorCode | 'end'): Promise<void> {
    const away = reason === 'resume_expired' && (await this.#agentAway());
    if (!away) this.#count('lost');
  }

  #count(outcome: 'failed' | 'excused' | 'lost'): void {
    this.#series.add(outcome);
    this.#options.counted?.(this.#tenantId, outcome);
  }

  /** What cannot be known counts against us. */
  async #agentAway(): Promise<boolean> {
    try {
      return (await this.#options.agentAway?.(this.#sessionId)) === true;
    } catch {
      return false;
    }
  }
}
