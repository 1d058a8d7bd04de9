import { Backoff, type Clock, type ErrorCode, type LogFields, type Logger, randomId } from '@culvert/base';
import type { dialLink } from '@culvert/link';
import type { LinkEnd, PendingStream } from '@culvert/mux';
import type { AgentApi, LinkOffer, SessionOffer } from './api.ts';
import { Avoided } from './avoided.ts';
import { EmptyingLinks } from './emptying.ts';
import type { AgentEnd, AgentListener } from './events.ts';
import { Offers } from './offers.ts';
import { endOf } from './outcomes.ts';
import type { ResumeWindow } from './resume-window.ts';
import { sessionInfoOf } from './session-info.ts';
import { dialSession, type SessionLink } from './session-link.ts';
import { Slot } from './slot.ts';
import { Standby, type StandbyOptions } from './standby.ts';
import { type Step, stepOfApiError, stepOfLinkError } from './step.ts';

/*
 * Keeps one session linked to its owner, for ever or until its end.
 *
 * Invariants, cited below and pinned by supervisor.test.ts and moves.test.ts:
 *
 * S1 Exactly one state at a time, and each of them leads on: `seeking` ends by a deadline, `waiting` by its timer,
 *    `linked` when its link ends or is asked to leave, and `ended` is the only one that stays.
 * S2 What an attempt came to is data (`Step`), decided on in one switch; a step of an attempt that is no longer the
 *    current one changes nothing.
 * S3 The agent is the fence: it follows the highest epoch that it has seen of its session. A WELCOME or CLAIMED with a
 *    lower one is dropped, and a link below the highest epoch is given no new connection.
 * S4 Make before break: a worker that asks to leave serves on until a newer link is up, however long that takes. Then
 *    the streams leave the older link, and it is let go when it carries none: after 15 s at the latest, unless its
 *    worker knows of no resuming.
 * S5 Only the cluster's own word ends an agent: an answer of the API with a final code, or a final end of the link
 *    that serves. Anything else is tried again, with full jitter, never before the time that the cluster named, unless
 *    the link that served meanwhile is lost.
 * S6 An attempt that a worker answered resets nothing by itself: the back-off starts over only once a link has
 *    held for STABLE_MS, or a worker that greets and drops would be hammered.
 * S7 A stream outlives every link: it ends with its session (another id, a final end, stop), or with its resume window.
 * S8 Advice is followed once: when, and to whom. A worker that could not be reached is not preferred again.
 * S9 It dials in the slot that the API gives, which is a minute away at most (S1); or within a second, whatever the slot,
 *    from the moment at which nothing serves and connections wait.
 */

/** Upper bounds of the first delay and of any delay: quick after one loss, and 10 000 agents in 15 s at the worst. */
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 15_000;

/** The same of an agent whose connections wait. */
const RETRY_URGENT_MAX_MS = 4_000;

/** No answer may keep an agent away longer than this, whatever its Retry-After says (S1). */
const RETRY_FLOOR_MAX_MS = 60_000;

/** Nor may advice: whoever sends ten thousand sessions away paces them, but not over more than an hour. */
const ADVISED_DELAY_MAX_MS = 3_600_000;

/**
 * A link that lived this long was a good one (S6): its loss is a first one again. Short, since workers may be replaced one
 * after the other within seconds.
 */
const STABLE_MS = 1_000;

export interface SupervisorOptions {
  readonly api: AgentApi;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  readonly dialLink: typeof dialLink;
  /** The session's streams. */
  readonly streams: ResumeWindow;
  /** 2: a second worker stands by. */
  readonly links: 1 | 2;
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
  | { readonly phase: 'linked'; readonly cancelStable: () => void }
  | { readonly phase: 'ended' };

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #agentId = randomId('a');
  readonly #backoff: Backoff;
  readonly #standby: Standby | undefined;
  readonly #offers: Offers;
  readonly #emptying: EmptyingLinks;
  readonly #ended = Promise.withResolvers<AgentEnd>();
  #state: State = { phase: 'new' };
  /** The link that serves now: of `linked`, and while another one is looked for in its place (S4). */
  #serving: SessionLink | undefined;
  #announced: string | undefined;
  readonly #avoided: Avoided;
  /** Where the worker that asked to leave said to go (S8). */
  #prefer: string | undefined;
  #highestEpoch = 0;
  /** Those that are waited for now, the standby's included (S9). */
  readonly #slots = new Set<Slot>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#avoided = new Avoided(options.clock);
    this.#backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random: options.random });
    this.#emptying = new EmptyingLinks(options.clock);
    const opened = (session: SessionOffer): void => this.#onOpened(session);
    this.#offers = new Offers({ ...options, agentId: this.#agentId, opened });
    if (options.links === 2) {
      const place = (exclude: readonly string[], signal: AbortSignal): Promise<LinkOffer> =>
        this.#offers.place({ lastEpoch: this.#highestEpoch, exclude, standby: true }, signal);
      const attempt: StandbyOptions['attempt'] = (exclude, signal) => this.#reach(() => place(exclude, signal), signal);
      this.#standby = new Standby({ ...options, attempt });
    }
  }

  /** Resolves once; never rejects. */
  get ended(): Promise<AgentEnd> {
    return this.#ended.promise;
  }

  /** A link serves the session, one that is to be replaced included. */
  get linked(): boolean {
    return this.#serving !== undefined;
  }

  /** Who it is, and whose session it serves: for the log. */
  get about(): LogFields {
    const { session } = this.#offers;
    const tenant = session?.tenant === undefined ? {} : { tenant_id: session.tenant };
    return { agent_id: this.#agentId, ...(session === undefined ? {} : { session_id: session.id }), ...tenant };
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
    const standby = this.#standby?.take(this.#prefer);
    if (standby !== undefined && (await this.#claim(standby, signal))) return { kind: 'linked', link: standby };
    return this.#reach(() => this.#askForLink(standby, signal), signal);
  }

  async #claim(standby: SessionLink, signal: AbortSignal): Promise<boolean> {
    try {
      await standby.claim(this.#highestEpoch, signal);
      return true;
    } catch (thrown) {
      const { logger } = this.#options;
      const fields = { ...this.about, event: 'standby.failed', worker: standby.node };
      logger.warn({ ...fields, err: thrown }, 'the worker on standby did not take the session over');
      return false;
    }
  }

  async #reach(ask: () => Promise<LinkOffer>, signal: AbortSignal): Promise<Step> {
    let offer: LinkOffer;
    try {
      signal.throwIfAborted();
      offer = await ask();
    } catch (thrown) {
      return stepOfApiError(thrown);
    }
    try {
      await this.#waitForSlot(offer, signal);
      const dial = {
        ...this.#options,
        agentId: this.#agentId,
        store: this.#options.streams.store,
        admit: (pending: PendingStream, epoch: number) => this.#admit(pending, epoch),
      };
      return { kind: 'linked', link: await dialSession(dial, offer, signal) };
    } catch (thrown) {
      return stepOfLinkError(thrown, offer);
    }
  }

  /** S9 */
  async #waitForSlot({ delayMs = 0 }: LinkOffer, signal: AbortSignal): Promise<void> {
    if (delayMs === 0) return;
    const slot = new Slot(this.#options.clock, delayMs);
    this.#slots.add(slot);
    if (this.#urgent) slot.hurry();
    try {
      await slot.wait(signal);
    } finally {
      this.#slots.delete(slot);
    }
  }

  /** Connections wait for a path. */
  get #urgent(): boolean {
    return this.#serving === undefined && this.#options.streams.store.detached > 0;
  }

  #admit(pending: PendingStream, epoch: number): void {
    if (epoch >= this.#highestEpoch) this.#options.serve(pending);
    else pending.refuse('wrong_owner', 'the agent follows a newer owner of this session'); // S3
  }

  #askForLink(failed: SessionLink | undefined, signal: AbortSignal): Promise<LinkOffer> {
    const exclude = [this.#serving?.node, failed?.node];
    const wish = { lastEpoch: this.#highestEpoch, exclude, avoid: this.#avoided, prefer: this.#prefer };
    return this.#offers.next(wish, signal);
  }

  #onOpened({ id }: SessionOffer): void {
    if (id === this.#announced) return;
    this.#highestEpoch = 0;
    this.#options.streams.breakOff('session_closed', 'the cluster does not know the session any more'); // S7
  }

  #onLinked(link: SessionLink): void {
    const { node, epoch } = link;
    const wrong = this.#whatIsWrongWith(link);
    if (wrong) {
      link.close(wrong.code, wrong.message);
      this.#settle({ kind: 'retry', ...wrong, floorMs: 0, avoid: node });
      return;
    }
    const { clock, emit, logger } = this.#options;
    const older = this.#serving;
    this.#highestEpoch = epoch;
    this.#serving = link;
    this.#prefer = undefined;
    this.#enter({ phase: 'linked', cancelStable: clock.after(STABLE_MS, () => this.#backoff.reset()) }); // S6
    if (older) this.#emptying.add(older); // S4
    this.#standby?.keep(link);
    const { sessionId } = link.link.welcome;
    logger.info({ ...this.about, event: 'link.up', session_id: sessionId, worker: node, epoch }, 'link is up');
    this.#announce();
    emit({ event: 'link.up', sessionId, node, epoch });
    void link.link.closed.then((end) => this.#onLinkEnded(link, end));
    link.link.onGoAway((end) => this.#onGoAway(link, end));
  }

  #whatIsWrongWith({ link, epoch }: SessionLink): { code: ErrorCode; message: string } | undefined {
    const { sessionId } = link.welcome;
    if (sessionId !== this.#offers.session?.id) {
      return { code: 'protocol_error', message: `the worker greeted as session ${sessionId}` };
    }
    if (epoch < this.#highestEpoch) {
      return { code: 'fenced', message: `the worker's epoch ${epoch} is older than ${this.#highestEpoch}` }; // S3
    }
    return undefined;
  }

  /** The session is told once it can serve, and again only when it has become another one. */
  #announce(): void {
    const { session } = this.#offers;
    if (!session || session.id === this.#announced) return;
    this.#announced = session.id;
    this.#options.emit({ event: 'session.open', ...sessionInfoOf(session) });
  }

  /** S4, S8: the link serves on while a newer one is looked for: when the worker says, or after a moment, lest all ask at once. */
  #onGoAway(link: SessionLink, { code, message, advice }: LinkEnd): void {
    if (this.#serving !== link) return;
    const { emit, logger, random } = this.#options;
    const { phase } = this.#state;
    if (advice !== undefined && advice.target !== '') this.#prefer = advice.target;
    if (phase === 'linked' || advice !== undefined) {
      const advised = { to: advice?.target || null, delay_ms: advice?.delayMs ?? null };
      logger.info({ ...this.about, event: 'link.leaving', worker: link.node, ...advised, code }, message);
      emit({ event: 'link.leaving', node: link.node, code, message });
    }
    // An attempt that is under way goes on; the next one follows the new advice. A listener may have stopped us.
    if (this.#serving !== link || this.#state.phase === 'seeking') return;
    if (advice !== undefined) this.#wait(Math.min(advice.delayMs, ADVISED_DELAY_MAX_MS));
    else if (phase === 'linked') this.#wait(random() * RETRY_FIRST_MS);
  }

  #onLinkEnded(link: SessionLink, end: LinkEnd): void {
    // A newer link of our own makes the old worker say `superseded`; only other final ends concern the session.
    const moved = end.code === 'superseded' && this.#state.phase !== 'linked';
    if (this.#emptying.delete(link)) {
      if (end.final && !moved && this.#state.phase !== 'linked') this.#settle({ kind: 'over', end: endOf(end) });
      return;
    }
    if (this.#serving !== link) return;
    this.#serving = undefined;
    if (end.final && !moved) {
      this.#options.emit({ event: 'link.down', code: end.code, message: end.message, retryInMs: null });
      this.#settle({ kind: 'over', end: endOf(end) });
      return;
    }
    if (this.#standby?.node !== undefined) this.#prefer = undefined; // nothing is nearer than the standby
    if (this.#state.phase === 'linked') this.#onLost(link, end);
    else this.#onLostWhileMoving(link, end, moved);
  }

  #onLost(link: SessionLink, { code, message }: LinkEnd): void {
    const looksDead = code === 'link_lost' || code === 'link_timeout';
    this.#settle({
      kind: 'retry',
      code,
      message,
      floorMs: 0,
      avoid: looksDead ? link.node : undefined,
      linkLost: true,
    });
  }

  /** S4: nothing serves any more, so what was put off for the sake of others is done at once. */
  #onLostWhileMoving({ node }: SessionLink, { code, message }: LinkEnd, moved: boolean): void {
    const { emit, logger, random } = this.#options;
    this.#avoided.add(node);
    if (this.#urgent) for (const slot of this.#slots) slot.hurry();
    const atOnce = this.#state.phase === 'seeking' || this.#standby?.node !== undefined;
    const retryInMs = atOnce ? 0 : Math.round(random() * RETRY_FIRST_MS);
    if (this.#state.phase === 'waiting') this.#wait(retryInMs);
    if (moved) return;
    const fields = { ...this.about, event: 'link.down', worker: node, code, retry_in_ms: retryInMs };
    logger.warn(fields, message);
    emit({ event: 'link.down', code, message, retryInMs });
  }

  #onRetry(step: Step & { kind: 'retry' }): void {
    const { emit, logger } = this.#options;
    // What still serves is not given up because the API has forgotten it.
    if (step.forget && this.#serving === undefined) {
      this.#offers.forget();
      this.#standby?.end();
    }
    if (step.avoid !== undefined) this.#avoided.add(step.avoid);
    if (step.avoid !== undefined && step.avoid === this.#prefer) this.#prefer = undefined; // S8
    const atOnce = step.linkLost === true && this.#standby?.node !== undefined;
    const delayMs = atOnce ? 0 : this.#pause(Math.min(step.floorMs, RETRY_FLOOR_MAX_MS));
    const retryInMs = Math.round(delayMs);
    const { code, message } = step;
    const event = step.linkLost ? 'link.down' : 'retrying';
    logger.warn({ ...this.about, event, worker: step.avoid, code, retry_in_ms: retryInMs }, message);
    if (step.linkLost) emit({ event: 'link.down', code, message, retryInMs });
    else emit({ event: 'retrying', code, message, attempt: this.#backoff.attempts, retryInMs });
    // An event listener may have stopped us.
    if (this.#state.phase === 'ended') return;
    if (atOnce) this.#seek();
    else this.#wait(delayMs);
  }

  /** Connections that wait for a path are lost when their window is over: they do not wait for a long back-off. */
  #pause(floorMs: number): number {
    const { random, streams } = this.#options;
    const delayMs = this.#backoff.next(floorMs);
    if (streams.store.detached === 0 || delayMs <= floorMs + RETRY_URGENT_MAX_MS) return delayMs;
    return floorMs + random() * RETRY_URGENT_MAX_MS;
  }

  #onOver(end: AgentEnd): void {
    const links = this.#emptying.takeAll();
    if (this.#serving) links.push(this.#serving);
    this.#serving = undefined;
    this.#enter({ phase: 'ended' });
    const { code, message } = end.outcome === 'stopped' ? STOPPED : end;
    this.#options.logger.info({ ...this.about, event: 'agent.ended', outcome: end.outcome, code }, message);
    this.#options.streams.breakOff(code, message); // S7: told on the links, as long as they are there
    this.#standby?.end();
    for (const link of links) link.close('shutting_down', 'the agent is stopping');
    this.#ended.resolve(end);
  }
}

const STOPPED = { code: 'shutting_down', message: 'the agent is stopping' } as const;
