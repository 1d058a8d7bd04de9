import type { Logger } from '@culvert/base';
import type { DrainReport, NodeStats } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import type { Cohort, CoreState, Needs, Observation } from '../core/types.ts';
import { cohortOf, noteStats } from './cohorts.ts';
import { sessionsOn } from './dry-run.ts';
import { Ledger, type Put } from './ledger.ts';
import { Look } from './look.ts';
import { ProvidedNodes } from './provided.ts';
import { ReattachReader } from './reattached.ts';
import { asResults } from './results.ts';
import type { EngineRegistry, LookAtWindow, NodeAsker, Providers } from './world.ts';

/** Between two readings of what all edges recorded. */
const READ_EVERY_MS = 1_000;
const NOBODY: Cohort = {
  ...{ nodes: 0, asked: 0, opened: 0, failed: 0, lost: 0, setup: [] },
  probes: { asked: 0, failed: 0, p50Ms: null },
};
const ALWAYS_OPEN: Observation['window'] = { open: true, opensAtMs: null, closesAtMs: null };

export interface ObserverOptions {
  readonly registry: EngineRegistry;
  readonly client: NodeAsker;
  readonly providers: Providers;
  readonly lookAtWindow: LookAtWindow;
  readonly logger: Logger;
}

/**
 * Sees what the core needs to see, and writes into the ledger what would be lost with a node. Rejects if the registry cannot be
 * read: without it nothing is known. All else that cannot be seen is absent.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #reader: ReattachReader;
  readonly #provided: Map<string, ProvidedNodes>;
  #ledger: Ledger | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#reader = new ReattachReader(options.client, options.logger);
    this.#provided = new Map(
      Object.entries(options.providers).map(([kind, provider]) => [kind, new ProvidedNodes(provider)]),
    );
  }

  async observe(state: CoreState, needs: Needs, nowMs: number, signal: AbortSignal): Promise<Observation> {
    const { registry, lookAtWindow, client, logger } = this.#options;
    const { deployments } = registry;
    const [nodes, status, results, commands, ledger] = await Promise.all([
      registry.listNodes(),
      registry.status(),
      deployments.results(state.id),
      deployments.commands(state.id),
      this.#ledgerOf(state.id),
    ]);
    const look = new Look({ client, registry, nodes, signal, logger });
    const { request } = state;
    const known = asResults(results);
    const [provided, health, drains, beliefs, empty, holders, cohorts, window, sessions] = await Promise.all([
      this.#list(state),
      look.health(needs.health),
      look.drains(needs.drains),
      look.beliefs(needs.beliefs),
      look.empty(needs.empty),
      look.holders(needs.holders),
      this.#cohorts(look, nodes, needs, ledger, known),
      request.inWindow ? lookAtWindow(request.pool, nowMs) : ALWAYS_OPEN,
      needs.sessions ? sessionsOn(registry, workersOf(nodes, request.pool)) : undefined,
      this.#readRecords(state, nodes, ledger, signal),
    ]);
    await this.#keep(ledger, drains);
    return {
      ...{ nodes, recovering: status.recovering, round: status.round },
      ...{ provided, health, drains, beliefs, empty, holders, cohorts, results: known, commands, window },
      ...(sessions === undefined ? {} : { sessions }),
    };
  }

  async #ledgerOf(id: string): Promise<Ledger> {
    if (this.#ledger?.deployment !== id) {
      this.#ledger = await Ledger.open(this.#options.registry.deployments, id);
      this.#readAtMs = Number.NEGATIVE_INFINITY;
    }
    return this.#ledger;
  }

  /** A rehearsal brings no node into being. */
  #list({ request }: CoreState): Promise<Observation['provided']> | Observation['provided'] {
    if (request.kind === 'rehearsal') return [];
    const { kind } = request.provider;
    return this.#provided.get(kind)?.list() ?? { error: `this deploy worker has no provider '${kind}'` };
  }

  async #cohorts(
    look: Look,
    nodes: readonly NodeView[],
    { cohorts }: Needs,
    ledger: Ledger,
    results: Observation['results'],
  ): Promise<Observation['cohorts']> {
    if (cohorts === null) return { old: NOBODY, new: NOBODY };
    const stats = await look.stats([...cohorts.old, ...cohorts.new]);
    const answers = new Map<NodeView, NodeStats>();
    for (const node of nodes) {
      const answer = stats[node.id];
      if (answer !== undefined) answers.set(node, answer);
    }
    await this.#write(() => noteStats(ledger, answers));
    const answered = new Set(Object.keys(stats));
    return {
      old: cohortOf(ledger, cohorts.old, answered, results),
      new: cohortOf(ledger, cohorts.new, answered, results),
    };
  }

  async #readRecords(state: CoreState, nodes: readonly NodeView[], ledger: Ledger, signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    if (state.request.dryRun || nowMs - this.#readAtMs < READ_EVERY_MS) return;
    this.#readAtMs = nowMs;
    await this.#write(() => this.#reader.read({ ledger, nodes, sinceMs: state.createdAtMs, signal }));
  }

  /** At each tick: a node that dies takes its report along. */
  #keep(ledger: Ledger, drains: Readonly<Record<string, DrainReport>>): Promise<void> {
    const entries = Object.entries(drains).flatMap(([node, { sessions }]) => sessionsOf(node, sessions));
    return this.#write(() => ledger.put(new Map(entries)));
  }

  async #write(write: () => Promise<Put>): Promise<void> {
    if ((await write()) === 'kept') return;
    this.#options.logger.warn({ event: 'deploy.ledger_full' }, 'the ledger is full: the receipt will lack something');
  }
}

/** Entries of the ledger: what became of the sessions of one drained worker. */
export function sessionsOf(node: string, sessions: DrainReport['sessions']): [string, unknown][] {
  return sessions.map((session) => [`s/${node}/${session.id}`, session]);
}

function workersOf(nodes: readonly NodeView[], pool: string): NodeView[] {
  return nodes.filter((node) => node.role === 'worker' && node.pool === pool && node.state !== 'dead');
}
