import { readFile } from 'node:fs/promises';
import type { CoreV1Api, KubeConfig, ObservableMiddleware, V1ConfigMap, V1Pod } from '@kubernetes/client-node';
import { failed, refusalOf } from './problem.ts';

type Library = typeof import('@kubernetes/client-node');

export interface KubeClientOptions {
  /** A kubeconfig; null: the service account of the pod that this runs in. */
  readonly kubeconfig: string | null;
  /** null: the one that the configuration names. */
  readonly namespace: string | null;
}

/** Of one page of a list. */
const PAGE = 500;
/** Of a log. */
const LOG_LINES = 1_000;

export interface Evict {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly graceSeconds: number;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/**
 * The calls that the provider makes, each with a signal, and refused with a KubeRefusal. The library is loaded with the first
 * one: it takes about a second of CPU and 85 MB, which only those who use it should pay.
 */
export class KubeClient {
  readonly #library: Library;
  readonly #config: KubeConfig;
  readonly #core: CoreV1Api;
  readonly namespace: string;

  private constructor(library: Library, config: KubeConfig, namespace: string) {
    this.#library = library;
    this.#config = config;
    this.#core = config.makeApiClient(library.CoreV1Api);
    this.namespace = namespace;
  }

  /** Rejects with `provider_failed` if the configuration can't be read, or names no namespace. */
  static async load({ kubeconfig, namespace }: KubeClientOptions): Promise<KubeClient> {
    const library = await import('@kubernetes/client-node');
    const config = new library.KubeConfig();
    if (kubeconfig === null) config.loadFromCluster();
    else config.loadFromString(await readConfig(kubeconfig));
    if (kubeconfig === null && process.env.KUBERNETES_SERVICE_HOST === undefined) {
      throw failed('this deploy worker runs in no pod, and has no kubeconfig (--kubernetes-config)');
    }
    const named = config.getContextObject(config.getCurrentContext())?.namespace;
    const chosen = namespace ?? named;
    if (chosen === undefined) throw failed('no namespace is named (--kubernetes-namespace)');
    return new KubeClient(library, config, chosen);
  }

  /** undefined: there is none. */
  async pod(name: string, signal: AbortSignal): Promise<V1Pod | undefined> {
    return absentAs(undefined, () => this.#core.readNamespacedPod({ ...this.#in, name }, this.#with(signal)));
  }

  async createPod(body: V1Pod, signal: AbortSignal): Promise<V1Pod> {
    return asRefusal(() => this.#core.createNamespacedPod({ ...this.#in, body }, this.#with(signal)));
  }

  /**
   * Ends a pod politely, as far as its disruption budget allows (429: not now), and only if it is still as it was seen (409).
   * POST …/pods/NAME/eviction, policy/v1.
   */
  async evict(name: string, { uid, resourceVersion, graceSeconds }: Evict, signal: AbortSignal): Promise<void> {
    const body = {
      ...{ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: this.namespace } },
      deleteOptions: { gracePeriodSeconds: graceSeconds, preconditions: { uid, resourceVersion } },
    };
    await asRefusal(() => this.#core.createNamespacedPodEviction({ ...this.#in, name, body }, this.#with(signal)));
  }

  /** All pages, and the resource version from which to watch. */
  async listPods(labelSelector: string, signal: AbortSignal): Promise<{ pods: V1Pod[]; resourceVersion: string }> {
    const pods: V1Pod[] = [];
    let next: string | undefined;
    for (;;) {
      const page = { ...this.#in, labelSelector, limit: PAGE, ...(next ? { _continue: next } : {}) };
      const { items, metadata } = await asRefusal(() => this.#core.listNamespacedPod(page, this.#with(signal)));
      pods.push(...items);
      next = metadata?._continue;
      if (!next) return { pods, resourceVersion: metadata?.resourceVersion ?? '' };
    }
  }

  /**
   * Resolves once the server ends the watch, which it does after `seconds`; rejects if it can't be begun, or breaks. The
   * library takes one that is silent for 30 s as broken, too: a dead connection tells nobody.
   */
  async watchPods(
    query: { readonly labelSelector: string; readonly resourceVersion: string; readonly seconds: number },
    onEvent: (event: WatchEvent) => void,
    onOpen: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { labelSelector, resourceVersion, seconds } = query;
    const watch = new this.#library.Watch(this.#config);
    const path = `/api/v1/namespaces/${encodeURIComponent(this.namespace)}/pods`;
    const asked = { labelSelector, resourceVersion, allowWatchBookmarks: true, timeoutSeconds: seconds };
    await asRefusal(
      () =>
        new Promise<void>((resolve, reject) => {
          let over = false;
          const done = (error: unknown): void => {
            over = true;
            if (error) reject(statusCodeAsCode(error));
            else resolve();
          };
          const tell = (type: string, object: unknown): void => {
            if (!over && !signal.aborted) onEvent({ type, object });
          };
          let request: AbortController | undefined;
          const stop = (): void => {
            request?.abort();
            done(signal.reason);
          };
          if (signal.aborted) stop();
          signal.addEventListener('abort', stop, { once: true });
          watch.watch(path, asked, tell, done).then((begun) => {
            request = begun;
            if (signal.aborted) begun.abort();
            else if (!over) onOpen();
          }, done);
        }),
    );
  }

  async configMap(name: string, signal: AbortSignal): Promise<V1ConfigMap> {
    return asRefusal(() => this.#core.readNamespacedConfigMap({ ...this.#in, name }, this.#with(signal)));
  }

  /** A JSON merge patch (RFC 7396); with `metadata.resourceVersion` in it, 409 if the map has changed since. */
  async patchConfigMap(name: string, body: object, signal: AbortSignal): Promise<V1ConfigMap> {
    const options = this.#with(signal, { 'content-type': this.#library.PatchStrategy.MergePatch });
    return asRefusal(() => this.#core.patchNamespacedConfigMap({ ...this.#in, name, body }, options));
  }

  /** The end of a container's output; empty if there is none. */
  async log(name: string, container: string, limitBytes: number, signal: AbortSignal): Promise<string> {
    const asked = { ...this.#in, name, container, tailLines: LOG_LINES, limitBytes };
    return (await absentAs('', () => this.#core.readNamespacedPodLog(asked, this.#with(signal)))) ?? '';
  }

  get #in(): { readonly namespace: string } {
    return { namespace: this.namespace };
  }

  #with(signal: AbortSignal, headers: Readonly<Record<string, string>> = {}) {
    const { Observable } = this.#library;
    const middleware: ObservableMiddleware = {
      pre(context) {
        context.setSignal(signal);
        for (const [name, value] of Object.entries(headers)) context.setHeaderParam(name, value);
        return new Observable(Promise.resolve(context));
      },
      post: (context) => new Observable(Promise.resolve(context)),
    };
    return { middleware: [middleware], middlewareMergeStrategy: 'append' as const };
  }
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw failed(`the kubeconfig ${file} can't be read: ${error instanceof Error ? error.message : error}`, error);
  }
}

async function asRefusal<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw refusalOf(error);
  }
}

async function absentAs<T, A>(absent: A, call: () => Promise<T>): Promise<T | A> {
  try {
    return await asRefusal(call);
  } catch (error) {
    if (refusalOf(error).status === 404) return absent;
    throw error;
  }
}

/** A watch names its status otherwise than all other calls. */
function statusCodeAsCode(error: unknown): unknown {
  if (!(error instanceof Error) || !('statusCode' in error)) return error;
  return { code: error.statusCode, body: { message: error.message } };
}
