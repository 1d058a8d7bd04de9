import { CulvertError, type Logger, toCulvertError, withDeadline } from '@culvert/base';
import type { NodeView, Registry } from '@culvert/registry';
import type { ClusterSecret } from '@culvert/service';
import type { EffectResult } from '../core/types.ts';
import { Canary } from './canary.ts';
import { type Check, GATEWAY_CHECKS, HTTP, WORKER_CHECKS } from './checks.ts';
import type { Way } from './proxy-client.ts';
import { Targets } from './targets.ts';

const PROBES = 4;
/** Whoever refuses for a moment may think better of it. */
const LINK_DEADLINE_MS = 10_000;

export interface VerifierOptions {
  readonly registry: Pick<Registry, 'listNodes'>;
  readonly secret: ClusterSecret;
  readonly logger: Logger;
  /** How long a node has to take the canary's link, ms; shorter only in tests. */
  readonly linkDeadlineMs?: number;
}

export interface VerifyRequest {
  readonly node: NodeView;
  readonly signal: AbortSignal;
}

type Facts = Record<string, string | number | boolean>;
type Reachable = NodeView & { readonly proxy: string };

/**
 * Uses a new node as customers would, before any of them is sent to it. What a node cannot do is a result; the methods
 * reject only when nothing was found out: the signal is aborted, or Redis is away.
 */
export class Verifier implements AsyncDisposable {
  readonly #options: VerifierOptions;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #targets: Promise<Targets> | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** A worker, cordoned as a rule: every kind of use, by its own proxy address and through one gateway, if there is one. */
  verify({ node, signal }: VerifyRequest): Promise<EffectResult> {
    return this.#report('verify', node, signal, async (facts, inTime) => {
      const gateway = (await this.#ready('gateway'))[0];
      facts.gateway = gateway?.id ?? 'none';
      await using canary = await this.#canary(node, inTime);
      for (const through of gateway === undefined ? [reachable(node)] : [reachable(node), gateway]) {
        const kind = through === gateway ? 'gateway' : 'direct';
        for (const check of WORKER_CHECKS) {
          facts[`${kind}.${check.name}Ms`] = await this.#checkTwice(check, canary, canary.way(through), inTime);
        }
      }
      const ways = gateway === undefined ? 'directly; there is no gateway' : `directly and through ${gateway.id}`;
      return `${WORKER_CHECKS.map(({ name }) => name).join(', ')}: each ${ways}`;
    });
  }

  /** A gateway: requests through it to a session on any ready worker. */
  verifyGateway({ node, signal }: VerifyRequest): Promise<EffectResult> {
    return this.#report('verify', node, signal, async (facts, inTime) => {
      const worker = (await this.#ready('worker'))[0];
      if (worker === undefined)
        throw new CulvertError('no_worker_available', 'there is no ready worker to try it with');
      facts.worker = worker.id;
      await using canary = await this.#canary(worker, inTime);
      for (const check of GATEWAY_CHECKS) {
        facts[`${check.name}Ms`] = await this.#checkTwice(check, canary, canary.way(reachable(node)), inTime);
      }
      return `${GATEWAY_CHECKS.map(({ name }) => name).join(', ')}: through it to a session on ${worker.id}`;
    });
  }

  /** Four quick requests to a session on this worker, through a gateway if there is one. */
  probe({ node, signal }: VerifyRequest): Promise<EffectResult> {
    return this.#report('probe', node, signal, async (facts, inTime) => {
      Object.assign(facts, { asked: PROBES, failed: PROBES });
      const through = (await this.#ready('gateway'))[0] ?? reachable(node);
      await using canary = await this.#canary(node, inTime);
      const asked = Array.from({ length: PROBES }, () => runCheck(HTTP, canary, canary.way(through), inTime));
      const settled = await Promise.allSettled(asked);
      inTime.throwIfAborted();
      const took = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])).sort((a, b) => a - b);
      facts.failed = PROBES - took.length;
      const median = took[Math.floor((took.length - 1) / 2)];
      if (median !== undefined) facts.p50Ms = median;
      const failure = settled.find((one) => one.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
      return `${PROBES} requests through ${through.id}`;
    });
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new CulvertError('shutting_down'));
    await Promise.allSettled(this.#running);
    await (await this.#targets)?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #report(
    what: string,
    node: NodeView,
    given: AbortSignal,
    work: (facts: Facts, signal: AbortSignal) => Promise<string>,
  ): Promise<EffectResult> {
    const signal = AbortSignal.any([given, this.#closing.signal]);
    signal.throwIfAborted();
    const startedMs = performance.now();
    const facts: Facts = {};
    const result = (ok: boolean, detail: string): EffectResult => {
      const tookMs = Math.round(performance.now() - startedMs);
      this.#options.logger.info({ event: `deployment.${what}`, target_node_id: node.id, ok, ms: tookMs }, detail);
      return { ok, detail, facts, atMs: Date.now(), tookMs };
    };
    const running = work(facts, signal);
    this.#running.add(running);
    try {
      return result(true, await running);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toCulvertError(thrown);
      if (error.code === 'registry_unavailable' && thrown instanceof CulvertError) throw error;
      return result(false, `${error.message} (${error.code})`);
    } finally {
      this.#running.delete(running);
    }
  }

  async #canary(worker: NodeView, signal: AbortSignal): Promise<Canary> {
    this.#targets ??= Targets.start();
    const { secret, linkDeadlineMs = LINK_DEADLINE_MS } = this.#options;
    return Canary.open({ worker, targets: await this.#targets, secret, linkDeadlineMs, signal });
  }

  /** One failure may have a reason of its own, and would take a whole release back. A node that is bad fails twice. */
  async #checkTwice(check: Check, canary: Canary, way: Way, signal: AbortSignal): Promise<number> {
    try {
      return await runCheck(check, canary, way, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const { code, message } = toCulvertError(thrown);
      this.#options.logger.warn(
        { event: 'deployment.check_failed', target_node_id: way.node, code },
        `${message}; once more`,
      );
      return runCheck(check, canary, way, signal);
    }
  }

  async #ready(role: NodeView['role']): Promise<Reachable[]> {
    const nodes = await this.#options.registry.listNodes();
    return nodes.filter(
      (node): node is Reachable =>
        node.role === role && node.state === 'ready' && !node.cordoned && node.proxy !== undefined,
    );
  }
}

function reachable(node: NodeView): Reachable {
  const { proxy } = node;
  if (proxy === undefined) throw new CulvertError('node_unreachable', `${node.id} tells no proxy address`);
  return { ...node, proxy };
}

/** Its time in ms. Rejects with the check's failure, in words that name it. */
async function runCheck(check: Check, canary: Canary, way: Way, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  try {
    await withDeadline(check.deadlineMs, check.words, (late) =>
      check.run(canary, way, AbortSignal.any([signal, late])),
    );
  } catch (thrown) {
    const error = toCulvertError(thrown, 'target_reset');
    throw new CulvertError(error.code, `${check.words} through ${way.node} failed: ${error.message}`, {
      cause: thrown,
    });
  }
  return Math.round(performance.now() - startedMs);
}
