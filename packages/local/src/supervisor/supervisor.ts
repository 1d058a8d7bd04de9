import { CulvertError } from '@culvert/base';
import type { LaunchOrder, RedisRestartOrder, SupervisedNode, TerminateOrder } from '@culvert/contracts';
import type { ClusterEvent } from '../cluster-options.ts';
import type { Fleet } from '../fleet.ts';
import { readTail } from '../log-file.ts';
import { type NodePlan, takeoverFlags } from '../node-processes.ts';
import { entryOf } from './checkout.ts';
import { pruneLogs } from './old-logs.ts';
import { exitOf, firstStory, launchedStory, type Story, versionOf, viewOf, wayBack, wordsOf } from './story.ts';

/** Nodes that ended are told of, and their logs kept, this many. */
const MAX_ENDED = 50;
/** More nodes than this on one machine are a mistake of whoever asks for them. */
const MAX_LIVE = 256;

export interface SupervisorOptions {
  readonly fleet: Fleet;
  /** Folder of the logs. */
  readonly logs: string;
  readonly onEvent: (event: ClusterEvent) => void;
  /** Restarts the cluster's Redis; absent: failures may not be rehearsed here. */
  readonly restartRedis?: (order: RedisRestartOrder) => Promise<void>;
}

/**
 * Starts and ends nodes of a local cluster for its deploy workers. They are children of the cluster: they outlive the
 * deploy worker that asked for them, and end with the cluster. Orders are idempotent by the node's id; those of an older
 * fence than was seen are refused with `fenced`, what can't be done with `provider_failed` or `invalid_request`.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stories = new Map<string, Story>();
  #fence = 0;
  #restarting: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts a node; it is there when this returns, and ready some time later. One that ended by itself before is left as it
   * is, so that a version that does not start is not started for ever; after a `terminate` it is begun anew.
   */
  launch(order: LaunchOrder): void {
    this.#heed(order.fence);
    const known = this.#storyOf(order.id);
    if (known && !this.#mayBegin(known)) return;
    const { fleet, onEvent } = this.#options;
    if (fleet.closing) throw new CulvertError('shutting_down', `the cluster is stopping; ${order.id} stays off`);
    if (fleet.nodes.size >= MAX_LIVE) throw failed(`there are ${MAX_LIVE} nodes already`);
    const replaced = order.replaces === null ? undefined : this.#replacedBy(order, order.replaces);
    const plan = this.#planOf(order, replaced);
    const { node, ready } = fleet.launch(plan, replaced?.node.process ?? null);
    const story = launchedStory(node, order.deployment, replaced);
    this.#stories.delete(order.id); // the newest last
    this.#stories.set(order.id, story);
    const { id, role, version, replaces, deployment } = order;
    onEvent({ event: 'node.launched', role, id, version, replaces, deployment });
    const concluded = (): void => {
      story.launching = false;
    };
    ready.then(concluded, (error: Error) => {
      concluded();
      if (story.endedBy === null) this.#ended(story, wordsOf(error));
    });
  }

  /** Every node that runs, and the last that ended. */
  list(): SupervisedNode[] {
    const { fleet } = this.#options;
    for (const id of fleet.nodes.keys()) this.#storyOf(id);
    return [...this.#stories.values()].map((story) => viewOf(story, fleet.comesBack(story.node)));
  }

  /** Ends a node: politely, and past `graceMs` by force. It is not started again. Repeated with less grace it ends sooner. */
  terminate(id: string, { deployment, fence, graceMs }: TerminateOrder): void {
    this.#heed(fence);
    const story = this.#storyOf(id);
    if (!story) throw failed(`it has started no node ${id}`);
    const again = story.endedBy !== null;
    story.endedBy ??= deployment;
    const killAtMs = performance.now() + graceMs;
    if (story.exit !== null || killAtMs >= story.killAtMs) return;
    story.killAtMs = killAtMs;
    this.#options.fleet.end(story.node, graceMs).then(
      () => {
        if (!again) this.#ended(story, exitOf(story.node.process.lastEnd) ?? 'it ended before it was ready');
      },
      (error: Error) => process.emitWarning(`${id} can't be ended: ${error.message}`),
    );
  }

  /** Redis ends as by kill -9, and is there again after a while; one restart at a time. */
  restartRedis(order: RedisRestartOrder): void {
    const { restartRedis, fleet } = this.#options;
    if (!restartRedis) throw new CulvertError('chaos_not_allowed', 'this cluster was not started with --chaos');
    if (this.#restarting) throw new CulvertError('chaos_active', 'Redis is being restarted already');
    if (fleet.closing) throw new CulvertError('shutting_down', 'the cluster is stopping');
    this.#restarting = restartRedis(order)
      .catch((error: Error) => process.emitWarning(`Redis can't be restarted: ${error.message}`))
      .finally(() => {
        this.#restarting = undefined;
      });
  }

  /** Resolves when no restart of Redis is under way. */
  async settled(): Promise<void> {
    await this.#restarting;
  }

  /** The last 64 KiB of its log; empty for one that is not known. */
  async logs(id: string): Promise<string> {
    const known = this.#storyOf(id);
    return known ? readTail(known.node.process.spec.logFile, Number.POSITIVE_INFINITY) : '';
  }

  #heed(fence: number): void {
    if (fence < this.#fence) {
      throw new CulvertError('fenced', `an order of fence ${fence} comes after one of ${this.#fence}`);
    }
    this.#fence = fence;
  }

  /** Also of those that the cluster began with, which nobody told us of. */
  #storyOf(id: string): Story | undefined {
    const node = this.#options.fleet.nodes.get(id);
    const known = this.#stories.get(id);
    if (!node || known) return known;
    const story = firstStory(node);
    this.#stories.set(id, story);
    return story;
  }

  #mayBegin({ node, endedBy, exit }: Story): boolean {
    if (endedBy !== null && exit === null) throw failed(`${node.plan.id} is ending; it can begin anew after that`);
    return endedBy !== null;
  }

  #replacedBy(order: LaunchOrder, id: string): Story {
    const replaced = this.#storyOf(id);
    if (!replaced) throw failed(`it knows no node ${id}, whose place ${order.id} would take`);
    const { role } = replaced.node.plan;
    if (role !== order.role) throw new CulvertError('invalid_request', `${id} is a ${role}, not a ${order.role}`);
    return replaced;
  }

  #planOf(order: LaunchOrder, replaced: Story | undefined): NodePlan {
    const { id, role, version, pool, cordoned, directory } = order;
    const entry = this.#options.fleet.entryOf(role);
    const fromOrder = directory === null ? entry : entryOf(directory, entry);
    const ofWorker = role === 'worker' ? ['--pool', pool, ...(cordoned ? ['--cordoned'] : [])] : [];
    const listen = takeoverFlags(role, replaced?.node.process.lastReadiness);
    return {
      ...{ id, role, version, entry: wayBack(order, replaced)?.entry ?? fromOrder },
      ...{ overrides: replaced?.node.plan.overrides ?? {}, flags: [...listen, ...ofWorker] },
    };
  }

  #ended(story: Story, exit: string): void {
    story.exit = exit;
    const { fleet, logs, onEvent } = this.#options;
    const { id, role } = story.node.plan;
    onEvent({ event: 'node.ended', role, id, version: versionOf(story.node), exit, deployment: story.endedBy });
    const over = [...this.#stories].filter(([, { exit }]) => exit !== null);
    for (const [old] of over.slice(0, Math.max(0, over.length - MAX_ENDED))) this.#stories.delete(old);
    pruneLogs(logs, new Set(fleet.nodes.keys()), MAX_ENDED).catch((error: Error) =>
      process.emitWarning(`old logs in ${logs} can't be removed: ${error.message}`),
    );
  }
}

function failed(message: string): CulvertError {
  return new CulvertError('provider_failed', `the supervisor can't do it: ${message}`);
}
