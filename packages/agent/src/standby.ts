import { Backoff, type Clock, type ErrorCode, type Logger } from '@culvert/base';
import type { AgentListener } from './events.ts';
import type { SessionLink } from './session-link.ts';
import type { Step } from './step.ts';

/*
 * Keeps a second link on another worker, which serves nothing until the first one is lost (SPEC §4.6).
 *
 * Invariants, cited below and pinned by standby.test.ts:
 *
 * B1 Exactly one state at a time, and each but `off` leads on: `seeking` ends by the deadlines of its calls, `waiting`
 *    by its timer, `ready` when its link ends, is asked to leave, or is taken.
 * B2 A step of an attempt that is no longer the current one changes nothing, and its link is closed.
 * B3 It never disturbs the session: whatever happens to the standby, final words included, is a reason to look for
 *    another, and nothing else. What concerns the session is told on the link that serves it.
 * B4 It is never on the worker that serves the session: both would be lost at once.
 * B5 What has been taken is the taker's: its state is `off` then, until it is told who serves the session.
 */

/** Upper bounds of the first delay and of any delay: nothing is broken meanwhile, so nobody is in a hurry. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 60_000;

/** A link that lived this long was a good one. */
const STABLE_MS = 10_000;

export interface StandbyOptions {
  /** Asks for a worker other than the owner and `exclude`, and dials it. Never rejects. */
  readonly attempt: (exclude: readonly string[], signal: AbortSignal) => Promise<Step>;
  readonly emit: AgentListener;
  readonly logger: Logger;
  readonly clock: Clock;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

/** B1. Each state owns what can end it. */
type State =
  | { readonly phase: 'off' }
  | { readonly phase: 'seeking'; readonly abort: AbortController }
  | { readonly phase: 'waiting'; readonly cancel: () => void }
  | { readonly phase: 'ready'; readonly link: SessionLink; readonly cancelStable: () => void };

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export class Standby {
  readonly #options: StandbyOptions;
  readonly #backoff: Backoff;
  #state: State = { phase: 'off' };
  #owner: { readonly node: string; readonly sessionId: string } | undefined;
  #avoid: string | undefined;
  /** The failure that was logged last; the same one again is not worth a line. */
  #told: ErrorCode | undefined;

  constructor(options: StandbyOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random: options.random });
  }

  /** The worker that stands by now. */
  get node(): string | undefined {
    return this.#state.phase === 'ready' ? this.#state.link.node : undefined;
  }

  /** The session is served by this link: another worker is to stand by, from now on. */
  keep({ node, link }: SessionLink): void {
    this.#owner = { node, sessionId: link.welcome.sessionId };
    if (this.#state.phase === 'ready' && this.#state.link.node === node) {
      this.#letGo({ code: 'shutting_down', message: 'its worker serves the session now' }, undefined); // B4
    } else if (this.#state.phase === 'off') this.#wait(this.#backoff.next());
  }

  /** Hands the standby over, if there is one, and it is on `target` when that is given (B5). */
  take(target?: string): SessionLink | undefined {
    if (this.#state.phase !== 'ready') return undefined;
    const { link } = this.#state;
    if (target !== undefined && link.node !== target) return undefined;
    this.#enter({ phase: 'off' });
    return link;
  }

  /** Stands by no more: the agent ends, or its session has become another one. */
  end(): void {
    const state = this.#state;
    this.#owner = undefined;
    this.#enter({ phase: 'off' });
    if (state.phase === 'ready') state.link.close('shutting_down', 'no standby is wanted any more');
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    if (left.phase === 'waiting') left.cancel();
    if (left.phase === 'seeking') left.abort.abort();
    if (left.phase === 'ready') left.cancelStable();
  }

  #wait(delayMs: number): void {
    this.#enter({ phase: 'waiting', cancel: this.#options.clock.after(delayMs, () => this.#seek()) });
  }

  #seek(): void {
    const state = { phase: 'seeking', abort: new AbortController() } as const;
    this.#enter(state);
    const exclude = new Set([this.#owner?.node, this.#avoid].filter((node) => node !== undefined));
    void this.#options.attempt([...exclude], state.abort.signal).then((step) => {
      if (this.#state === state) this.#settle(step);
      else if (step.kind === 'linked') step.link.close('cancelled', 'the agent has moved on'); // B2
    });
  }

  #settle(step: Step): void {
    switch (step.kind) {
      case 'linked':
        return this.#onLinked(step.link);
      case 'retry':
        return this.#onFailure(step, step.avoid, step.floorMs);
      case 'over': {
        const { end } = step;
        if (end.outcome !== 'stopped') this.#onFailure(end, undefined, 0); // B3
      }
    }
  }

  #onLinked(link: SessionLink): void {
    const wrong = this.#whatIsWrongWith(link);
    if (wrong) {
      link.close(wrong.code, wrong.message);
      return this.#onFailure(wrong, link.node, 0);
    }
    const { clock, logger, emit } = this.#options;
    this.#told = undefined;
    this.#avoid = undefined;
    this.#enter({ phase: 'ready', link, cancelStable: clock.after(STABLE_MS, () => this.#backoff.reset()) });
    const { sessionId } = link.link.welcome;
    logger.info({ event: 'standby.up', session_id: sessionId, worker: link.node }, 'a second worker stands by');
    emit({ event: 'standby.up', node: link.node });
    const isMine = (): boolean => this.#state.phase === 'ready' && this.#state.link === link;
    link.link.onGoAway((end) => {
      if (isMine()) this.#letGo(end, link.node);
    });
    void link.link.closed.then((end) => {
      if (isMine()) this.#letGo(end, link.node);
    });
  }

  #whatIsWrongWith({ node, epoch, link }: SessionLink): Failure | undefined {
    const { sessionId } = link.welcome;
    if (sessionId !== this.#owner?.sessionId) {
      return { code: 'protocol_error', message: `the worker greeted as session ${sessionId}` };
    }
    if (epoch !== 0) {
      return { code: 'protocol_error', message: 'the worker claimed the session instead of standing by' };
    }
    if (node === this.#owner.node) {
      return { code: 'no_worker_available', message: `${node} serves the session already` }; // B4
    }
    return undefined;
  }

  /** It carries no stream, so nothing has to be moved before it is closed. */
  #letGo({ code, message }: Failure, avoid: string | undefined): void {
    if (this.#state.phase !== 'ready') return;
    const { link } = this.#state;
    this.#avoid = avoid;
    this.#wait(this.#backoff.next());
    link.close('shutting_down', 'another worker is to stand by');
    const fields = { event: 'standby.down', session_id: this.#owner?.sessionId ?? '', worker: link.node, code };
    this.#options.logger.info(fields, message);
    this.#options.emit({ event: 'standby.down', node: link.node, code, message });
  }

  #onFailure({ code, message }: Failure, avoid: string | undefined, floorMs: number): void {
    this.#avoid = avoid; // for one attempt, as the second worker may be the only one
    this.#wait(this.#backoff.next(Math.min(floorMs, RETRY_MAX_MS)));
    if (this.#told === code) return;
    this.#told = code;
    const fields = { event: 'standby.unavailable', session_id: this.#owner?.sessionId ?? '', code };
    this.#options.logger.info(fields, `no second worker stands by; looking on: ${message}`);
  }
}
