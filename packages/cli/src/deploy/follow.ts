import { Backoff, CulvertError, type ErrorCode, sleep } from '@culvert/base';
import type { Deployment, DeploymentReason, DeploymentWhy } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { PASSING } from '../passing.ts';
import { isOver } from './states.ts';

const POLL_MS = 500;
/** Added to that at most while nothing is seen: whoever looks on must not keep an API down. */
const RETRY_MAX_MS = 2_000;
/** A wait that is shorter than this is work, and nothing to explain. */
const PATIENCE_MS = 3_000;
/** For so long "no such deployment" may only mean that Redis was lost, and the record is not back yet. */
const ABSENT_MS = 30_000;
/** A node whose turn has not come waits for the nodes before it: what those wait for is what there is to say. */
const QUEUED: ReadonlySet<string> = new Set(['turn', 'in_progress']);

export type Api = Pick<ApiClient, 'call'>;

/** How a deployment looks at one moment. */
export interface Look {
  readonly deployment: Deployment;
  /** What is not so yet. */
  readonly unmet: readonly DeploymentReason[];
  /** Of these, what it has been waiting for so long that it is worth a word: 3 s. */
  readonly reasons: readonly DeploymentReason[];
  /** Why nothing was seen of late. The deployment goes on meanwhile: it needs neither the API nor this command. */
  readonly failure: CulvertError | null;
}

export interface FollowOptions {
  /** Ends it, without an error. */
  readonly signal: AbortSignal;
  /** Between two looks, in ms; 500. */
  readonly pollMs?: number;
  /** Any clock in ms that does not go back; performance.now(). */
  readonly now?: () => number;
}

/**
 * Looks at a deployment again and again, the last time when it is over. Rejects with what the API refuses for good, such as
 * a revoked key.
 */
export async function* followDeployment(api: Api, begun: Deployment, options: FollowOptions): AsyncGenerator<Look> {
  const { signal, pollMs = POLL_MS, now = () => performance.now() } = options;
  const waits = new Waits();
  const retries = new Backoff({ firstMs: Math.min(pollMs, RETRY_MAX_MS), maxMs: RETRY_MAX_MS });
  let pauseMs = pollMs;
  let deployment = begun;
  let seenAt = now();
  yield { deployment, ...waits.at(now()), failure: null };
  while (!isOver(deployment)) {
    await sleep(pauseMs, signal);
    if (signal.aborted) return;
    const absent = now() - seenAt < ABSENT_MS ? (['deployment_not_found'] as const) : [];
    const seen = await passing(look(api, deployment.id, signal), absent);
    if (signal.aborted) return;
    if (seen instanceof CulvertError) {
      pauseMs = retries.next(pollMs);
      yield { deployment, ...waits.at(now()), failure: seen };
      continue;
    }
    retries.reset();
    pauseMs = pollMs;
    deployment = seen.deployment;
    seenAt = now();
    waits.are(seen.unmet, seenAt);
    yield { deployment, ...waits.at(seenAt), failure: null };
  }
}

async function look(api: Api, id: string, signal: AbortSignal): Promise<Pick<Look, 'deployment' | 'unmet'>> {
  const path = `/deployments/${encodeURIComponent(id)}`;
  const deployment = await api.call<Deployment>('GET', path, { signal });
  if (isOver(deployment)) return { deployment, unmet: [] };
  const { reasons } = await api.call<DeploymentWhy>('GET', `${path}/why`, { signal });
  return { deployment, unmet: reasons };
}

async function passing<T>(call: Promise<T>, also: readonly ErrorCode[]): Promise<T | CulvertError> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CulvertError && (PASSING.has(error.code) || also.includes(error.code))) return error;
    throw error;
  }
}

/** Since when each unmet condition has been unmet, as far as was seen. */
class Waits {
  #since = new Map<string, number>();
  #unmet: readonly DeploymentReason[] = [];

  are(unmet: readonly DeploymentReason[], nowMs: number): void {
    this.#since = new Map(
      unmet.map((reason) => [conditionKey(reason), this.#since.get(conditionKey(reason)) ?? nowMs]),
    );
    this.#unmet = unmet;
  }

  at(nowMs: number): Pick<Look, 'unmet' | 'reasons'> {
    const others = this.#unmet.filter(({ code }) => !QUEUED.has(code));
    const telling = others.length > 0 ? others : this.#unmet;
    const since = (reason: DeploymentReason): number => this.#since.get(conditionKey(reason)) ?? nowMs;
    return { unmet: this.#unmet, reasons: telling.filter((reason) => nowMs - since(reason) >= PATIENCE_MS) };
  }
}

/** Its words hold counts, which change while it stays the same condition. */
export function conditionKey({ node, step, code }: DeploymentReason): string {
  return JSON.stringify([node, step, code]);
}
