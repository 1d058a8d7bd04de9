import { CulvertError, withDeadline } from '@culvert/base';
import type { ProviderChoice } from '@culvert/contracts';
import { MAX_CALL_MS, MAX_LOG_BYTES } from '../limits.ts';
import type { LaunchRequest, NodeProvider, ProvidedNode, TerminateRequest } from '../provider.ts';
import { KubeClient, type KubeClientOptions } from './client.ts';
import { Keeper, type Kept } from './keeper.ts';
import { Ledger } from './ledger.ts';
import { CONTAINER, isPodName, selectorOf } from './names.ts';
import { nodeOf } from './pod-state.ts';
import { PodWatch } from './pod-watch.ts';
import { Pods } from './pods.ts';
import { failed, isRefusal } from './problem.ts';
import { readTemplate, templateKey } from './template.ts';

export interface KubernetesProviderOptions extends KubeClientOptions {
  /** The ConfigMap with the pod templates; its ledger is the one with `-ledger` behind its name. */
  readonly templates: string;
  /** For one call, with all that is tried again, ms; default: 9,500. */
  readonly callMs?: number;
}

/** Less than a call may take, so that the last refusal's words can still be told. */
const CALL_MS = MAX_CALL_MS - 500;
/** A pod that was ordered by another deploy worker appears within this. */
const APPEARS_MS = 20_000;

/**
 * Nodes as pods of one namespace. Orders are written into the ledger first, then carried out, and are idempotent by the pod's
 * name, which is the node's id; pods are ended by evictions. What has a controller of its own, which would start it again, is
 * not replaced.
 */
export class KubernetesProvider implements NodeProvider {
  readonly kind: ProviderChoice['kind'] = 'kubernetes';
  readonly #options: KubernetesProviderOptions;
  readonly #ledger: Ledger;
  readonly #pods: Pods;
  readonly #watch: PodWatch;
  readonly #keeper: Keeper;
  readonly #closed = new AbortController();
  #client: Promise<KubeClient> | undefined;

  constructor(options: KubernetesProviderOptions) {
    this.#options = options;
    const client = (): Promise<KubeClient> => this.#connect();
    this.#ledger = new Ledger(client, `${options.templates}-ledger`);
    this.#pods = new Pods(client, this.#ledger, (role, pool, signal) => this.#template(role, pool, signal));
    this.#watch = new PodWatch({ client, selector: (signal) => this.#selector(signal) });
    this.#keeper = new Keeper({ client, ledger: this.#ledger, pods: this.#pods, templates: options.templates });
  }

  launch(request: LaunchRequest, given?: AbortSignal): Promise<void> {
    return this.#within(`the launch of ${request.id}`, given, async (signal) => {
      const { id, choice, fence, role, pool } = request;
      if (!isPodName(id)) throw failed(`${id} can't be the name of a pod`);
      if (choice.directory !== undefined) {
        throw failed(`pods are made from images: a directory (${choice.directory}) says nothing to them`);
      }
      await this.#template(role, pool, signal); // what is wrong with it is told before anything is written
      const { entries } = await this.#ledger.change(fence, signal, (view) => this.#pods.toRun(request, view, signal));
      if (entries.get(id)?.uid === null) await this.#pods.make(request, signal);
    });
  }

  list(given?: AbortSignal): Promise<readonly ProvidedNode[]> {
    return this.#within('the list of pods', given, async (signal) => {
      const [{ entries }, pods] = await Promise.all([this.#ledger.read(signal), this.#watch.pods(signal)]);
      const nowMs = Date.now();
      const there = [...pods.values()].map((view): ProvidedNode => {
        const node = nodeOf(view, nowMs);
        const isEnding = entries.get(view.id)?.order === 'end';
        return isEnding ? { ...node, state: 'stopping', exit: null } : node;
      });
      const seen = new Set(there.map(({ id }) => id));
      const absent = [...entries].filter(([id]) => !seen.has(id));
      return [...there, ...absent.map(([id, entry]) => this.#absent(id, entry, nowMs))];
    });
  }

  terminate(request: TerminateRequest, given?: AbortSignal): Promise<void> {
    return this.#within(`the end of ${request.id}`, given, async (signal) => {
      await this.#ledger.change(request.fence, signal, (view) => this.#pods.toEnd(request, view, signal));
      await this.#pods.end(request, signal);
    });
  }

  logs(id: string, given?: AbortSignal): Promise<string> {
    return this.#within(`the log of ${id}`, given, async (signal) => {
      const client = await this.#connect();
      const pod = isPodName(id) ? await client.pod(id, signal) : undefined;
      const names = pod?.spec?.containers.map(({ name }) => name) ?? [];
      const container = names.includes(CONTAINER) ? CONTAINER : names[0];
      if (container === undefined) return '';
      try {
        return await client.log(id, container, MAX_LOG_BYTES, signal);
      } catch (error) {
        if (isRefusal(error, 400)) return ''; // its container has not started: there is no log yet
        throw error;
      }
    });
  }

  /**
   * Starts the first nodes of a pool whose template says how many (NOTES.replicas), and starts again, under their ids, those
   * whose pods went without an order. Safe to repeat, and for several at a time.
   */
  keep(given?: AbortSignal): Promise<Kept> {
    return this.#within('the upkeep of the pods', given, (signal) => this.#keeper.keep(signal));
  }

  /** Ends the watch; pods stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new CulvertError('shutting_down'));
    await this.#watch.close();
  }

  #absent(
    id: string,
    {
      role,
      version,
      uid,
      order,
      atMs,
    }: { readonly uid: string | null; readonly order: string; readonly atMs: number } & Pick<
      ProvidedNode,
      'role' | 'version'
    >,
    nowMs: number,
  ): ProvidedNode {
    const isAwaited =
      order === 'run' && nowMs - atMs < APPEARS_MS && (uid === null || this.#watch.endOf(uid) === undefined);
    if (isAwaited) return { id, role, version, state: 'starting', pid: null, exit: null };
    const words = uid === null ? undefined : this.#watch.endOf(uid);
    const exit =
      words ?? (order === 'end' ? 'it ended as it was told to' : 'its pod is gone, and nobody here ordered that');
    return { id, role, version, state: 'exited', pid: null, exit };
  }

  async #template(role: string, pool: string, signal: AbortSignal) {
    const { templates } = this.#options;
    const { data } = await (await this.#connect()).configMap(templates, signal);
    const key = templateKey(role, pool);
    return readTemplate(templates, key, data?.[key]);
  }

  async #selector(signal: AbortSignal): Promise<string> {
    const { owner } = await this.#ledger.read(signal);
    return selectorOf(owner.instance);
  }

  #connect(): Promise<KubeClient> {
    this.#client ??= KubeClient.load(this.#options);
    this.#client.catch(() => {
      this.#client = undefined; // it may be put right
    });
    return this.#client;
  }

  #within<T>(what: string, given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(MAX_CALL_MS, what, async () => {
      const callMs = this.#options.callMs ?? CALL_MS;
      const late = AbortSignal.timeout(callMs);
      const signal = AbortSignal.any([late, this.#closed.signal, ...(given ? [given] : [])]);
      signal.throwIfAborted();
      try {
        return await work(signal);
      } catch (error) {
        if (given?.aborted) throw given.reason;
        if (isRefusal(error)) throw failed(`${what}: ${error.words}`, error);
        if (error === late.reason) throw new CulvertError('timeout', `${what} did not finish within ${callMs} ms`);
        throw error;
      }
    });
  }
}
