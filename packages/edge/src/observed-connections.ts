import { type ConnectionObserver, type ConnectionWish, type EdgeObserver, observeAll } from './observer.ts';

/**
 * The connections of this process that somebody observes, by id: who opens them and who brings them back when they lose
 * their path know nothing of each other.
 */
export class ObservedConnections {
  readonly #observer: EdgeObserver;
  readonly #open = new Map<string, ConnectionObserver>();

  constructor(...observers: readonly EdgeObserver[]) {
    this.#observer = observeAll(observers);
  }

  begin(wish: ConnectionWish): ConnectionObserver {
    const observer = this.#observer.connecting(wish);
    this.#open.set(wish.connectionId, observer);
    return observer;
  }

  /** Undefined: it is over. */
  get(connectionId: string): ConnectionObserver | undefined {
    return this.#open.get(connectionId);
  }

  /** `failed` or `closed` was told. */
  forget(connectionId: string): void {
    this.#open.delete(connectionId);
  }

  refused(code: Parameters<EdgeObserver['refused']>[0]): void {
    this.#observer.refused(code);
  }

  resumeAttempt(outcome: Parameters<NonNullable<EdgeObserver['resumeAttempt']>>[0]): void {
    this.#observer.resumeAttempt?.(outcome);
  }
}
