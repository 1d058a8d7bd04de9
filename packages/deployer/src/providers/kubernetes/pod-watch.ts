import { Backoff, CulvertError, sleep } from '@culvert/base';
import type { V1Pod, V1Status } from '@kubernetes/client-node';
import type { KubeClient, WatchEvent } from './client.ts';
import { endOf, type PodView, viewOf } from './pod-state.ts';
import { failed, isRefusal, KubeRefusal } from './problem.ts';

export interface PodWatchOptions {
  readonly client: () => Promise<KubeClient>;
  /** Of the pods that are looked at. */
  readonly selector: (signal: AbortSignal) => Promise<string>;
  /** A watch is begun anew after this long, s; less than the 30 that one may be silent. */
  readonly seconds?: number;
  /** Nobody has asked for so long: the watch ends, ms. */
  readonly idleMs?: number;
}

const RETRY = { firstMs: 100, maxMs: 5_000 };
const SECONDS = 25;
const IDLE_MS = 120_000;
/** What broke may be mended within this, ms; what is older than that is not told as if it were so now. */
const BLIND_MS = 5_000;
const LIST_MS = 10_000;
/** How many of those that went are remembered. */
const MAX_ENDS = 500;
/** Resource version is too old: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
const GONE = 410;

/**
 * The pods, kept up to date by a watch: a list, then what changes after it. After a break it goes on where it was; when the
 * server does not remember that far back, it lists anew. It begins when somebody asks, and ends when nobody does any more.
 */
export class PodWatch {
  readonly #options: PodWatchOptions;
  #pods = new Map<string, PodView>();
  /** How those ended that went, by uid. */
  readonly #ends = new Map<string, string>();
  #resourceVersion: string | undefined;
  #run: { readonly over: AbortController; readonly done: Promise<void> } | undefined;
  #brokenSinceMs: number | undefined = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  /** What the last try was answered will be answered again. */
  #isRefused = false;
  #askedAtMs = 0;
  #wake = Promise.withResolvers<void>();

  constructor(options: PodWatchOptions) {
    this.#options = options;
  }

  /** Rejects with `provider_failed` if the pods can't be seen until the signal says that time is up. */
  async pods(signal: AbortSignal): Promise<ReadonlyMap<string, PodView>> {
    signal.throwIfAborted();
    this.#askedAtMs = performance.now();
    while (!this.#isFresh) {
      this.#begin(); // it may just have ended, because nobody had asked for long
      const aborted = Promise.withResolvers<void>();
      const stop = (): void => aborted.resolve();
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([this.#wake.promise, aborted.promise]);
      signal.removeEventListener('abort', stop);
      if (!signal.aborted && !this.#isRefused) continue;
      throw this.#problem === undefined ? signal.reason : failed(`the pods can't be listed: ${this.#problem}`);
    }
    return this.#pods;
  }

  /** How the pod of this uid ended, in words, if it was seen. */
  endOf(uid: string): string | undefined {
    return this.#ends.get(uid);
  }

  async close(): Promise<void> {
    this.#run?.over.abort(new CulvertError('shutting_down'));
    await this.#run?.done;
  }

  get #isFresh(): boolean {
    return this.#brokenSinceMs === undefined || performance.now() - this.#brokenSinceMs < BLIND_MS;
  }

  #begin(): void {
    if (this.#run !== undefined) return;
    const over = new AbortController();
    const done = this.#go(over.signal).finally(() => {
      this.#run = undefined;
      this.#resourceVersion = undefined;
      this.#brokenSinceMs = Number.NEGATIVE_INFINITY;
      this.#tell();
    });
    this.#run = { over, done };
  }

  async #go(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(RETRY);
    while (!signal.aborted && performance.now() - this.#askedAtMs < (this.#options.idleMs ?? IDLE_MS)) {
      try {
        await this.#once(signal, () => backoff.reset());
      } catch (error) {
        this.#brokenSinceMs ??= performance.now();
        if (signal.aborted) return;
        if (isRefusal(error, GONE)) this.#resourceVersion = undefined;
        this.#problem = error instanceof Error ? error.message : String(error);
        this.#isRefused = isRefusal(error) && !error.isTransient && error.status !== GONE;
        this.#tell();
        await sleep(backoff.next(RETRY.firstMs / 2), signal);
      }
    }
  }

  async #once(signal: AbortSignal, worked: () => void): Promise<void> {
    const client = await this.#options.client();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
    const labelSelector = await this.#options.selector(deadline);
    if (this.#resourceVersion === undefined) await this.#list(client, labelSelector, deadline);
    const seconds = this.#options.seconds ?? SECONDS;
    const query = { labelSelector, resourceVersion: this.#resourceVersion ?? '', seconds };
    const broken = new AbortController();
    const onEvent = (event: WatchEvent): void => {
      try {
        this.#take(event);
      } catch (error) {
        broken.abort(error);
      }
    };
    const onOpen = (): void => {
      worked();
      this.#seen();
    };
    try {
      await client.watchPods(query, onEvent, onOpen, AbortSignal.any([signal, broken.signal]));
    } finally {
      this.#brokenSinceMs ??= performance.now();
      broken.signal.throwIfAborted();
    }
  }

  async #list(client: KubeClient, labelSelector: string, signal: AbortSignal): Promise<void> {
    const { pods, resourceVersion } = await client.listPods(labelSelector, signal);
    this.#pods = new Map(pods.flatMap((pod) => entryOf(pod)));
    this.#resourceVersion = resourceVersion;
    this.#seen();
    this.#brokenSinceMs = performance.now(); // until the watch is open
  }

  #take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') {
      const { code = 500, message = 'the watch failed', reason = '' } = object as V1Status;
      throw new KubeRefusal({ status: code, reason, words: message, waitMs: 0 });
    }
    const pod = object as V1Pod;
    this.#resourceVersion = pod.metadata?.resourceVersion ?? this.#resourceVersion;
    if (type === 'BOOKMARK') return;
    const [entry] = entryOf(pod);
    if (entry === undefined) return;
    const [name, view] = entry;
    if (type !== 'DELETED') this.#pods.set(name, view);
    else if (this.#pods.get(name)?.uid === view.uid) this.#pods.delete(name);
    const words = endOf(pod);
    if (words !== undefined) this.#remember(view.uid, words);
  }

  #remember(uid: string, words: string): void {
    this.#ends.delete(uid);
    this.#ends.set(uid, words);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_ENDS && oldest !== undefined) this.#ends.delete(oldest);
  }

  #seen(): void {
    this.#brokenSinceMs = undefined;
    this.#problem = undefined;
    this.#isRefused = false;
    this.#tell();
  }

  #tell(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

function entryOf(pod: V1Pod): [string, PodView][] {
  const view = viewOf(pod);
  return view === undefined ? [] : [[pod.metadata?.name ?? view.id, view]];
}
