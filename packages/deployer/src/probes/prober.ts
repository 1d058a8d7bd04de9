import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import { CANARY_TENANT } from '@culvert/contracts';
import type { NodeView, Registry } from '@culvert/registry';
import { type ClusterSecret, forEachBounded } from '@culvert/service';
import type { SliRecorder, SliSeries } from '@culvert/telemetry';
import { Targets } from '../verify/targets.ts';
import { isProbed, type PlannedWay, planRound, type Reachable, type RoundPlan } from './plan.ts';
import type { ProbeMetrics } from './probe-metrics.ts';
import { ProbeSessions } from './probe-sessions.ts';
import { QuietConnections } from './quiet-connections.ts';
import { type Failure, type KeptReport, type ProbeChange, settle, type WayResult } from './settle.ts';
import { checkWay, countTally } from './way-checks.ts';

const WAYS_AT_ONCE = 8;
/** A check that takes longer has failed: as long as a round, within these bounds. ms. */
const CHECK_MS = { least: 2_000, most: 5_000 };
const BODY_EVERY_MS = 60_000;
/** Checks that could not begin by then have to wait for the next round: everything fails, and slowly. ms. */
const BEGIN_WITHIN_MS = 8_000;

interface Timing {
  /** Of one check, ms. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface ProberOptions {
  readonly registry: Pick<Registry, 'listNodes' | 'recordEvent' | 'probes' | 'onHint'>;
  readonly secret: ClusterSecret;
  /** Names this life of the process. */
  readonly holder: string;
  readonly everyMs: number;
  readonly recorder: SliRecorder;
  readonly metrics: ProbeMetrics;
  readonly logger: Logger;
  /** ms since the Unix epoch. */
  readonly now?: () => number;
}

interface Parts {
  readonly targets: Targets;
  readonly sessions: ProbeSessions;
  readonly quiet: QuietConnections;
}

/** Uses the cluster as customers do, through every gateway and every worker, and writes down what it got. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #counts: SliSeries;
  readonly #unlisten: () => void;
  #parts: Promise<Parts> | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #rounds = 0;
  #closed = false;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#counts = options.recorder.of('synthetic', CANARY_TENANT);
    // Whoever is on its way out is let go of now, not in the next round.
    this.#unlisten = options.registry.onHint(({ kind }) => {
      if (kind === 'node' || kind === 'reset') void this.#look();
    });
  }

  /**
   * One round; nothing, if another deploy worker has one under way. Rejects when nothing was found out: Redis is away, or the
   * signal is aborted. `forMs`: how long it may take.
   */
  async round(signal: AbortSignal, forMs: number): Promise<void> {
    const { registry, holder, everyMs, now = Date.now } = this.#options;
    this.#rounds += 1;
    const turn = `${holder}/${this.#rounds}`;
    if (this.#closed || !(await registry.probes.begin(turn, forMs))) return;
    let report: KeptReport | undefined;
    let changes: readonly ProbeChange[] = [];
    try {
      const before = (await registry.probes.report()) as KeptReport | undefined; // as a round before wrote it
      const nodes = await registry.listNodes();
      const number = (before?.round ?? -1) + 1;
      const plan = planRound(nodes, number);
      const withBody = now() - (before?.bodyAtMs ?? 0) >= BODY_EVERY_MS;
      const found = await this.#probe(plan, nodes, withBody, signal);
      const settled = settle(before, { ...found, nodes, nowMs: now(), everyMs });
      changes = settled.changes;
      report = {
        ...{ at: new Date(now()).toISOString(), everyMs, nodes: settled.nodes, ways: settled.ways },
        ...{ round: number, bodyAtMs: withBody ? now() : (before?.bodyAtMs ?? 0) },
      };
    } finally {
      const kept = await registry.probes.end(turn, report);
      if (kept && report !== undefined) await this.#tell(report, changes);
    }
  }

  /** Gives up what is under way; nothing of the probes stays in the cluster. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unlisten();
    await this.#looking;
    const parts = await this.#parts;
    await Promise.all([parts?.sessions.close(), parts?.quiet.close()]);
    await parts?.targets.close();
  }

  async #probe(plan: RoundPlan, nodes: readonly NodeView[], withBody: boolean, signal: AbortSignal) {
    const parts = await this.#start();
    if (this.#closed) throw new CulvertError('shutting_down');
    keep(parts, nodes);
    const deadlineMs = Math.min(CHECK_MS.most, Math.max(CHECK_MS.least, this.#options.everyMs));
    const beating = parts.quiet.beat(deadlineMs, signal);
    const about = { deadlineMs, signal };
    const sessions = await this.#checkSessions(parts.sessions, plan.workers, about);
    const ways: WayResult[] = [];
    const possible = plan.ways.filter(({ worker }) => !sessions.has(worker.id));
    const large = withBody ? possible.findLast(({ gateway }) => gateway !== null) : undefined;
    const untilMs = performance.now() + BEGIN_WITHIN_MS;
    await forEachBounded(possible, WAYS_AT_ONCE, async (way) => {
      if (performance.now() > untilMs) return;
      const result = await this.#checkWay(parts.sessions, way, way === large, about);
      if (result !== undefined) ways.push(result);
    });
    await beating;
    return { sessions, ways };
  }

  /** Undefined: it was let go of meanwhile, and what was found says nothing. */
  async #checkWay(
    sessions: ProbeSessions,
    { gateway, worker }: PlannedWay,
    withBody: boolean,
    about: Timing,
  ): Promise<WayResult | undefined> {
    const session = sessions.of(worker.id);
    if (session === undefined) return undefined;
    const { metrics } = this.#options;
    const checked = await checkWay(session, session.way(gateway ?? worker), withBody, { metrics, ...about });
    const { ms, failure, tally } = checked;
    const ids = gateway === null ? [worker.id] : [worker.id, gateway.id];
    if (failure !== undefined && !(await this.#stillProbed(ids))) return undefined;
    countTally(this.#counts, tally);
    return { gateway: gateway?.id ?? null, worker: worker.id, ms, failure };
  }

  /** Workers whose session has no link, and why. */
  async #checkSessions(
    sessions: ProbeSessions,
    workers: readonly Reachable[],
    { deadlineMs, signal }: Timing,
  ): Promise<Map<string, Failure>> {
    const { metrics } = this.#options;
    const failures = new Map<string, Failure>();
    await Promise.all(
      workers.map(async ({ id }) => {
        const startedMs = performance.now();
        try {
          await sessions.of(id)?.linked(AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]));
          metrics.checked('session', performance.now() - startedMs);
        } catch (thrown) {
          signal.throwIfAborted();
          if (!(await this.#stillProbed([id]))) return;
          const { code, message } = toCulvertError(thrown);
          this.#counts.add('failed');
          metrics.checked('session', undefined);
          failures.set(id, { check: 'session', code, message });
        }
      }),
    );
    return failures;
  }

  /** None of them was taken out of service, or left, since the round began. One that died did not leave. */
  async #stillProbed(ids: readonly string[]): Promise<boolean> {
    const nodes = await this.#options.registry.listNodes();
    return ids.every((id) =>
      nodes.some((node) => node.id === id && !node.cordoned && (isProbed(node) || isDead(node))),
    );
  }

  async #tell(report: KeptReport, changes: readonly ProbeChange[]): Promise<void> {
    const { registry, metrics, logger } = this.#options;
    metrics.found(report.nodes);
    for (const change of changes) {
      const { id: node, role } = change.node;
      if (change.type === 'probe.failed') {
        const { check, code, message } = change.failure;
        logger.warn(
          { event: 'probe.failed', probed: node, role, check, code },
          `probes through ${node} fail: ${message}`,
        );
        await registry.recordEvent({ type: 'probe.failed', node, role, check, code, message });
      } else {
        const downMs = String(Math.round(change.downMs));
        logger.info({ event: 'probe.recovered', probed: node, role, down_ms: change.downMs }, `${node} is well again`);
        await registry.recordEvent({ type: 'probe.recovered', node, role, downMs });
      }
    }
  }

  #start(): Promise<Parts> {
    this.#parts ??= Targets.start().then((targets) => {
      const { secret, logger } = this.#options;
      const sessions = new ProbeSessions({ targets, secret });
      return { targets, sessions, quiet: new QuietConnections({ targets, secret, counts: this.#counts, logger }) };
    });
    return this.#parts;
  }

  /** A node is another than it was. Never rejects; one look at a time, and one more if something came meanwhile. */
  #look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    const { registry, logger } = this.#options;
    while (this.#lookAgain && !this.#closed && this.#parts !== undefined) {
      this.#lookAgain = false;
      try {
        keep(await this.#parts, await registry.listNodes());
      } catch (thrown) {
        // In a background task; a round that meets the same trouble fails, and says so.
        const { code } = toCulvertError(thrown);
        const level = code === 'registry_unavailable' || code === 'shutting_down' ? 'debug' : 'error';
        logger[level]({ event: 'probe.blind', code, err: thrown }, 'the nodes could not be looked at');
      }
    }
  }
}

/** What is let go of says goodbye in the background: a worker that stands still would hold up the round that tells of it. */
function keep({ sessions, quiet }: Parts, nodes: readonly NodeView[]): void {
  const probed = nodes.filter(isProbed);
  const workers = probed.filter(({ role }) => role === 'worker');
  const gateways = probed.filter(({ role }) => role === 'gateway');
  void sessions.keep(workers);
  void quiet.keep(workers, gateways);
}

function isDead({ state }: NodeView): boolean {
  return state === 'dead';
}
