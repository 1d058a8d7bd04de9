import { Backoff, type Clock, type ErrorCode, type Logger, randomId } from '@culvert/base';
import type { dialLink, Link } from '@culvert/link';
import type { LinkEnd, PendingStream } from '@culvert/mux';
import type { LinkOffer, RoutingApi, SessionOffer } from './api.ts';
import type { AgentEnd, AgentListener, SessionInfo } from './events.ts';
import { endOf } from './outcomes.ts';
import { SOFTWARE } from './software.ts';
import { type Step, stepOfApiError, stepOfLinkError } from './step.ts';

/*
 * Keeps one session linked to its owner, for ever or until its end.
 *
 * Invariants, cited below and pinned by supervisor.test.ts:
 *
 * S1 Exactly one state at a time, and each of them leads on: `seeking` ends by a deadline, `waiting` by its timer,
 *    `linked` when its link ends, and `ended` is the only one that stays.
 * S2 What an attempt came to is data (`Step`), decided on in one switch; a step of an attempt that is no longer the
 *    current one changes nothing.
 * S3 The agent is the fence: it follows the highest epoch that it has seen of its session. A WELCOME with a lower one
 *    is dropped, and a link below the highest epoch is given no new connection.
 * S4 Make before break: a worker that asks to leave serves on until a newer link is up, and is let go when its
 *    connections have ended.
 * S5 Only the cluster's own word ends an agent: an answer of the API with a final code, or a final end of the current
 *    link. Anything else is tried again, with full jitter, never before the time that the cluster named.
 * S6 An attempt that a worker answered resets nothing by itself: the back-off starts over only once a link has
 *    held for STABLE_MS, or a worker that greets and drops would be hammered.
 */

/** Upper bounds of the first delay and of any delay: quick after one loss, and 10 000 agents in 15 s at the worst. */
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 15_000;

/** No answer may keep an agent away longer than this, whatever its Retry-After says (S1). */
const RETRY_FLOOR_MAX_MS = 60_000;

/** A link that lived this long was a good one (S6). */
const STABLE_MS = 10_000;

/** From dialing the worker to its WELCOME. */
const LINK_DEADLINE_MS = 10_000;

export interface SupervisorOptions {
  readonly api: Pick<RoutingApi, 'openSession' | 'place' | 'url'>;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  readonly dialLink: typeof dialLink;
  /** Serves one open; called only for links at the highest epoch. */
  readonly serve: (pending: PendingStream) => void;
  readonly emit: AgentListener;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** S1. Each state owns what can end it. */
type State =
  | { readonly phase: 'new' }
  | { readonly phase: 'seeking'; readonly abort: AbortController }
  | { readonly phase: 'waiting'; readonly cancel: () => void }
  | { readonly phase: 'linked'; readonly link: Link; readonly cancelStable: () => void }
  | { readonly phase: 'ended' };

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #agentId = randomId('a');
  readonly #backoff: Backoff;
  /** Links that were asked to leave or replaced, and still have connections (S4). */
  readonly #leaving = new Set<Link>();
  readonly #ended = Promise.withResolvers<AgentEnd>();
  #state: State = { phase: 'new' };
  #session: SessionOffer | undefined;
  #announced: string | undefined;
  #avoid: string | undefined;
  #highestEpoch = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random: options.random });
  }

  /** Resolves once; never rejects. */
  get ended(): Promise<AgentEnd> {
    return this.#ended.promise;
  }

  get linked(): boolean {
    return this.#state.phase === 'linked';
  }

  start(): void {
    if (this.#state.phase === 'new') this.#seek();
  }

  /** Ends every link now; connections that are still open are reset. */
  stop(): void {
    this.#settle({ kind: 'over', end: { outcome: 'stopped' } });
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    if (left.phase === 'waiting') left.cancel();
    if (left.phase === 'linked') left.cancelStable();
    if (left.phase === 'seeking') left.abort.abort();
  }

  #wait(delayMs: number): void {
    this.#enter({ phase: 'waiting', cancel: this.#options.clock.after(delayMs, () => this.#seek()) });
  }

  #seek(): void {
    const state = { phase: 'seeking', abort: new AbortController() } as const;
    this.#enter(state);
    void this.#attempt(state.abort.signal).then((step) => {
      if (this.#state === state) this.#settle(step);
      else if (step.kind === 'linked') step.link.close('cancelled', 'the agent has moved on'); // S2
    });
  }

  /** S2: the one place that decides. */
  #settle(step: Step): void {
    if (this.#state.phase === 'ended') return;
    switch (step.kind) {
      case 'linked':
        this.#onLinked(step.link);
        break;
      case 'retry':
        this.#onRetry(step);
        break;
      case 'over':
        this.#onOver(step.end);
        break;
    }
  }

  /** Never rejects: whatever happens is a step. */
  async #attempt(signal: AbortSignal): Promise<Step> {
    let offer: LinkOffer;
    try {
      offer = await this.#askForLink(signal);
    } catch (thrown) {
      return stepOfApiError(thrown);
    }
    try {
      return { kind: 'linked', link: await this.#dial(offer, signal) };
    } catch (thrown) {
      return stepOfLinkError(thrown, offer);
    }
  }

  async #askForLink(signal: AbortSignal): Promise<LinkOffer> {
    const { api, name, labels } = this.#options;
    const agentId = this.#agentId;
    const exclude = this.#avoid === undefined ? [] : [this.#avoid];
    if (this.#session) return api.place(this.#session.id, { lastEpoch: this.#highestEpoch, exclude, agentId }, signal);
    const session = await api.openSession({ ...(name === undefined ? {} : { name }), labels, agentId }, signal);
    if (session.id !== this.#announced) this.#highestEpoch = 0;
    this.#session = session;
    return session.link;
  }

  async #dial(offer: LinkOffer, signal: AbortSignal): Promise<Link> {
    const { dialLink, ca, logger, serve } = this.#options;
    const up = Promise.withResolvers<Link>();
    const link = await dialLink({
      url: offer.url,
      token: offer.ticket,
      role: 'agent',
      id: this.#agentId,
      software: SOFTWARE,
      deadlineMs: LINK_DEADLINE_MS,
      signal,
      // Opens may follow WELCOME in the same message, before this function hears of the link.
      accept: (pending) => {
        void up.promise.then(({ welcome }) => {
          if (welcome.epoch >= this.#highestEpoch) serve(pending);
          else pending.refuse('wrong_owner', 'the agent follows a newer owner of this session'); // S3
        });
      },
      logger,
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
    up.resolve(link);
    return link;
  }

  #onLinked(link: Link): void {
    const { nodeId, sessionId, epoch } = link.welcome;
    const wrong = this.#whatIsWrongWith(link);
    if (wrong) {
      link.close(wrong.code, wrong.message);
      this.#settle({ kind: 'retry', ...wrong, floorMs: 0, avoid: nodeId });
      return;
    }
    this.#highestEpoch = epoch;
    const cancelStable = this.#options.clock.after(STABLE_MS, () => this.#backoff.reset()); // S6
    this.#enter({ phase: 'linked', link, cancelStable });
    this.#options.logger.info({ event: 'link.up', session_id: sessionId, node_id: nodeId, epoch }, 'link is up');
    this.#announce();
    this.#options.emit({ event: 'link.up', sessionId, node: nodeId, epoch });
    for (const old of this.#leaving) old.whenEmpty(() => old.close('shutting_down', 'moved to another worker')); // S4
    void link.closed.then((end) => this.#onLinkEnded(link, end));
    link.onGoAway((end) => this.#onGoAway(link, end));
  }

  #whatIsWrongWith({ welcome }: Link): { code: ErrorCode; message: string } | undefined {
    if (welcome.sessionId !== this.#session?.id) {
      return { code: 'protocol_error', message: `the worker greeted as session ${welcome.sessionId}` };
    }
    if (welcome.epoch < this.#highestEpoch) {
      return { code: 'fenced', message: `the worker's epoch ${welcome.epoch} is older than ${this.#highestEpoch}` }; // S3
    }
    return undefined;
  }

  /** The session is told once it can serve, and again only when it has become another one. */
  #announce(): void {
    const session = this.#session;
    if (!session || session.id === this.#announced) return;
    this.#announced = session.id;
    this.#options.emit({ event: 'session.open', ...sessionInfoOf(session) });
  }

  /** S4: the link stays while a newer one is looked for, after a moment, lest all agents of a worker ask at once. */
  #onGoAway(link: Link, { code, message }: LinkEnd): void {
    if (this.#state.phase !== 'linked' || this.#state.link !== link) return;
    const { clock, emit, random } = this.#options;
    this.#leaving.add(link);
    this.#avoid = link.welcome.nodeId;
    emit({ event: 'link.leaving', node: link.welcome.nodeId, code, message });
    this.#enter({ phase: 'waiting', cancel: clock.after(random() * RETRY_FIRST_MS, () => this.#seek()) });
  }

  #onLinkEnded(link: Link, end: LinkEnd): void {
    const current = this.#state.phase === 'linked' && this.#state.link === link;
    if (this.#leaving.delete(link)) {
      // A newer link of our own makes the old worker say `superseded`; only other final ends concern the session.
      if (end.final && end.code !== 'superseded' && this.#state.phase !== 'linked') {
        this.#settle({ kind: 'over', end: endOf(end) });
      }
      return;
    }
    if (!current) return;
    if (end.final) {
      this.#options.emit({ event: 'link.down', code: end.code, message: end.message, retryInMs: null });
      this.#settle({ kind: 'over', end: endOf(end) });
      return;
    }
    const looksDead = end.code === 'link_lost' || end.code === 'link_timeout';
    const avoid = looksDead ? link.welcome.nodeId : undefined;
    this.#settle({ kind: 'retry', code: end.code, message: end.message, floorMs: 0, avoid, linkLost: true });
  }

  #onRetry(step: Step & { kind: 'retry' }): void {
    const { emit, logger } = this.#options;
    if (step.forget) this.#session = undefined;
    this.#avoid = step.avoid; // for one attempt: a cluster of one worker must not lock itself out
    const delayMs = this.#backoff.next(Math.min(step.floorMs, RETRY_FLOOR_MAX_MS));
    const retryInMs = Math.round(delayMs);
    const { code, message } = step;
    const event = step.linkLost ? 'link.down' : 'retrying';
    logger.warn({ event, session_id: this.#session?.id ?? '', code, retry_in_ms: retryInMs }, message);
    if (step.linkLost) emit({ event: 'link.down', code, message, retryInMs });
    else emit({ event: 'retrying', code, message, attempt: this.#backoff.attempts, retryInMs });
    // An event listener may have stopped us.
    if (this.#state.phase !== 'ended') this.#wait(delayMs);
  }

  #onOver(end: AgentEnd): void {
    const links = [...this.#leaving];
    if (this.#state.phase === 'linked') links.push(this.#state.link);
    this.#enter({ phase: 'ended' });
    for (const link of links) link.close('shutting_down', 'the agent is stopping');
    this.#ended.resolve(end);
  }
}

function sessionInfoOf({ id, proxy }: SessionOffer): SessionInfo {
  const url = new URL(proxy.url);
  url.username = encodeURIComponent(proxy.username);
  url.password = encodeURIComponent(proxy.password);
  return { sessionId: id, proxy: url.href.replace(/\/$/, ''), pac: proxy.pac };
}
