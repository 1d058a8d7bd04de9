import { sleep } from '@culvert/base';
import { type ConnectionCounts, Connections } from './connections.ts';
import type { AgentEnd, AgentEvent, AgentListener, SessionInfo } from './events.ts';
import { type AgentOptions, type ResolvedAgentOptions, resolveOptions } from './options.ts';
import { AgentEnded } from './outcomes.ts';
import { NameResolver } from './resolve.ts';
import { ResumeWindow } from './resume-window.ts';
import { Supervisor } from './supervisor.ts';

/** How long `close` lets open connections finish by default. */
const CLOSE_DEADLINE_MS = 10_000;

/**
 * Starts an agent and returns at once. It connects in the background and reconnects for ever; a cluster that is not
 * there yet is no error. Throws `config_invalid`, naming the option or the rule that is wrong.
 *
 *     await using agent = connectAgent({ api, key, allow: ['localhost:3000'] });
 *     const { proxy } = await agent.ready;
 */
export function connectAgent(options: AgentOptions): Agent {
  return startAgent(resolveOptions(options));
}

/** For this package and its tests: with options that are checked, and the outside world replaced where wanted. */
export function startAgent(options: ResolvedAgentOptions): Agent {
  const agent = new RunningAgent(options);
  agent.start();
  return agent;
}

/** A running agent: it serves one session until it is closed or the cluster ends it. */
export interface Agent extends AsyncDisposable {
  /** The session, once it can serve. Rejects with `AgentEnded` when the agent ends before. */
  readonly ready: Promise<SessionInfo>;
  /** Why the agent ended; never rejects. */
  readonly ended: Promise<AgentEnd>;
  /** Whether a link to the session's owner is up now. */
  readonly linked: boolean;
  readonly counts: ConnectionCounts;
  /** Hears every event from now on, until the returned function is called. */
  onEvent(listener: AgentListener): () => void;
  /**
   * Takes no new connections, lets open ones finish for `deadlineMs` (default 10 000), resets the rest, and leaves.
   * Called again, the earlier deadline holds: `close({ deadlineMs: 0 })` means now.
   */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

class RunningAgent implements Agent {
  readonly #options: ResolvedAgentOptions;
  readonly #connections: Connections;
  readonly #supervisor: Supervisor;
  readonly #listeners = new Set<AgentListener>();
  readonly #ready = Promise.withResolvers<SessionInfo>();
  readonly ended: Promise<AgentEnd>;

  constructor(options: ResolvedAgentOptions) {
    this.#options = options;
    if (options.onEvent) this.#listeners.add(options.onEvent);
    const { clock, splice, lookup, dialLink, random } = options.seams;
    const emit: AgentListener = (event) => this.#emit(event);
    this.#connections = new Connections({
      ...options,
      resolver: new NameResolver({ hosts: options.hosts, lookup }),
      clock,
      splice,
      emit,
      about: () => this.#supervisor.about,
    });
    const streams = new ResumeWindow({
      clock,
      resumeWindowMs: options.resumeWindowMs,
      onDetached: (stream) => this.#connections.detached(stream),
      onResumed: (stream, replayed) => this.#connections.resumed(stream, replayed),
    });
    this.#supervisor = new Supervisor({
      ...options,
      streams,
      serve: (pending) => void this.#connections.serve(pending),
      dialLink,
      clock,
      random,
      emit,
    });
    // Whoever does not ask for `ready` learns of the end from `ended`.
    this.#ready.promise.catch(() => undefined);
    this.ended = this.#supervisor.ended.then((end) => this.#onEnded(end));
  }

  start(): void {
    const { signal } = this.#options;
    if (signal?.aborted) void this.close();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#supervisor.start();
  }

  get ready(): Promise<SessionInfo> {
    return this.#ready.promise;
  }

  get linked(): boolean {
    return this.#supervisor.linked;
  }

  get counts(): ConnectionCounts {
    return this.#connections.counts;
  }

  onEvent(listener: AgentListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close({ deadlineMs = CLOSE_DEADLINE_MS }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#connections.stopAccepting();
    const done = new AbortController();
    await Promise.race([this.#connections.idle(), this.ended, sleep(deadlineMs, done.signal)]);
    done.abort();
    this.#supervisor.stop();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  #onEnded(end: AgentEnd): AgentEnd {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#connections.stopAccepting();
    this.#ready.reject(new AgentEnded(end));
    this.#emit({ event: 'closed', ...end });
    return end;
  }

  #emit(event: AgentEvent): void {
    if (event.event === 'session.open') this.#ready.resolve(event);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#options.logger.error({ event: 'listener.failed', err: error }, `a listener of ${event.event} threw`);
      }
    }
  }
}
