import { type Clock, type CulvertError, type Logger, pause, systemClock, toCulvertError } from '@culvert/base';
import type { Deployment, LiveCluster } from '@culvert/contracts';
import type { Hint, NodeView, Registry } from '@culvert/registry';
import { viewOf } from '../deployment-access.ts';
import { statusAway, statusOf } from '../registry-status.ts';
import { type LatestSource, latestFrame } from '../streams/latest-stream.ts';
import { type ByteMarks, nextMarks } from './byte-rates.ts';
import { clusterOf } from './cluster-view.ts';

/** While somebody watches, the registry is read this often … */
const EVERY_MS = 1_000;
/** … and sooner when it tells that something has changed, but with so much between two reads. */
const LEAST_MS = 250;
/** Who asks for one picture while this one is so young gets this one. ms. */
const FRESH_MS = 100;
/** A deployment's record is large; without a hint it is read again after this. ms. */
const DEPLOYMENT_MS = 5_000;
const CHANGES: ReadonlySet<Hint['kind']> = new Set(['node', 'deployment', 'reset']);

/** What one look at the registry showed. */
export interface Picture {
  readonly cluster: LiveCluster;
  /** As the registry told of them. */
  readonly nodes: readonly NodeView[];
}

export type LiveRegistry = Pick<
  Registry,
  'listNodes' | 'status' | 'deployments' | 'unavailableReason' | 'onHint' | 'onAvailability'
>;

export interface LiveSourceOptions {
  readonly registry: LiveRegistry;
  /** ms since the Unix epoch. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/**
 * The one reader of the cluster's picture in an API process. It reads while somebody watches, nodes only, so its cost is that
 * of the nodes and not of the sessions or of those who watch. While the registry is away, the last picture says so.
 */
export class LiveSource implements LatestSource {
  readonly #options: LiveSourceOptions;
  readonly #clock: Clock;
  readonly #watchers = new Set<(frame: string) => void>();
  #watching: AbortController | undefined;
  #wake = new AbortController();
  #reading: Promise<Picture> | undefined;
  #last: Picture | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #frame: string | undefined;
  #marks: ByteMarks = new Map();
  #deployment: Deployment | undefined;
  #deploymentAt = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined;

  constructor(options: LiveSourceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Is it reading, because somebody watches? */
  get watched(): boolean {
    return this.#watching !== undefined;
  }

  /** `watcher` hears each picture as a block of a text/event-stream, the last one at once. Returns what ends that. */
  watch(watcher: (frame: string) => void): () => void {
    this.#watchers.add(watcher);
    if (this.#watching === undefined) this.#begin();
    else if (this.#frame !== undefined) watcher(this.#frame);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      this.#watching?.abort();
      this.#watching = undefined;
    };
  }

  /** One picture, a tenth of a second old at most; never rejects because the registry is away. */
  async picture(): Promise<Picture> {
    const fresh = this.#clock.monotonic() - this.#readAt < FRESH_MS;
    if (fresh && this.#last?.cluster.registry.available) return this.#last;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  #begin(): void {
    const { registry, logger } = this.#options;
    const watching = new AbortController();
    this.#watching = watching;
    this.#frame = undefined;
    const unlisten = [
      registry.onHint(({ kind }) => {
        if (kind === 'deployment' || kind === 'reset') this.#deploymentAt = Number.NEGATIVE_INFINITY;
        if (CHANGES.has(kind)) this.#wake.abort();
      }),
      registry.onAvailability(() => this.#wake.abort()),
    ];
    this.#follow(watching.signal)
      .catch((error: unknown) => {
        logger.error({ event: 'live.failed', err: error }, 'the live picture has ended with an error');
        if (this.#watching === watching) this.#watching = undefined;
      })
      .finally(() => {
        for (const off of unlisten) off();
      });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const { cluster } = await this.picture();
      if (signal.aborted) return;
      this.#tell(latestFrame('cluster', cluster));
      await pause(this.#clock, LEAST_MS, signal);
      await pause(this.#clock, EVERY_MS - LEAST_MS, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** What was told already is not told again: a registry that is away is away only once. */
  #tell(frame: string): void {
    if (frame === this.#frame) return;
    this.#frame = frame;
    for (const watcher of this.#watchers) watcher(frame);
  }

  async #read(): Promise<Picture> {
    const { registry, now } = this.#options;
    try {
      const [nodes, status, deployment] = await Promise.all([
        registry.listNodes(),
        statusOf(registry),
        this.#underWay(),
      ]);
      this.#marks = nextMarks(this.#marks, nodes);
      const cluster = clusterOf({ atMs: now(), registry: status, nodes, marks: this.#marks, deployment });
      this.#last = { cluster, nodes };
      this.#trouble = undefined;
    } catch (thrown) {
      this.#last = this.#away(toCulvertError(thrown));
    }
    this.#readAt = this.#clock.monotonic();
    return this.#last;
  }

  async #underWay(): Promise<Deployment | undefined> {
    const at = this.#clock.monotonic();
    if (at - this.#deploymentAt < DEPLOYMENT_MS) return this.#deployment;
    this.#deploymentAt = at;
    try {
      const record = await this.#options.registry.deployments.active();
      this.#deployment = record === undefined ? undefined : viewOf(record).deployment;
    } catch (error) {
      this.#deploymentAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
    return this.#deployment;
  }

  #away(error: CulvertError): Picture {
    const { registry, now, logger } = this.#options;
    const reason = registry.unavailableReason ?? error.message;
    if (error.code !== 'registry_unavailable' && this.#trouble !== error.message) {
      logger.error({ event: 'live.read_failed', err: error }, 'the cluster could not be read');
    }
    this.#trouble = error.message;
    const status = statusAway(reason);
    if (this.#last !== undefined) return { ...this.#last, cluster: { ...this.#last.cluster, registry: status } };
    const nothing = { nodes: [], marks: this.#marks, deployment: undefined };
    return { nodes: [], cluster: clusterOf({ atMs: now(), registry: status, ...nothing }) };
  }
}
