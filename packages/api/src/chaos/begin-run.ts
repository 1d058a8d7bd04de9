import { base32, CulvertError } from '@culvert/base';
import type { ChaosBody, ChaosRun, ChaosStep } from '@culvert/contracts';
import type { NodeView, Registry } from '@culvert/registry';
import type { ChaosClient } from '@culvert/service';
import { historyNow, observe, sessionsNow, settingsNow, troubles } from './observe.ts';
import type { RestartRedis } from './redis-restarter.ts';
import { NO_FIGURES, type StoredRun } from './stored-run.ts';
import { targetOf } from './targets.ts';

const ALLOW = 'Start the nodes with --chaos (CULVERT_CHAOS_ALLOWED=true), on a local or staging cluster only.';

export interface BeginOptions {
  readonly registry: Registry;
  readonly client: ChaosClient;
  readonly restartRedis: RestartRedis | undefined;
  readonly now: () => number;
}

/** Why nothing may be rehearsed on `what`. */
export function notAllowed(what: string): CulvertError {
  return new CulvertError('chaos_not_allowed', `Failures may not be rehearsed on ${what}.`, { fix: ALLOW });
}

/**
 * A run as it begins: everything that may be hit allows it, the cluster is well, and what there is has been written down.
 * @throws CulvertError chaos_not_allowed, chaos_active, not_steady, node_not_found
 */
export async function beginRun(body: ChaosBody, by: string, options: BeginOptions): Promise<StoredRun> {
  const { registry, client, restartRedis, now } = options;
  if (!restartRedis && body.steps.some(({ fault }) => fault.type === 'restart_redis')) {
    throw new CulvertError('chaos_not_allowed', 'This API has not been told how to restart Redis.', {
      fix: 'A local cluster (culvert up --chaos) knows; elsewhere give the API --chaos-redis-command PROGRAM.',
    });
  }
  const nodes = await registry.listNodes();
  await checkTargets(body, nodes, client);
  const startedMs = now();
  const seed = body.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const stored: StoredRun = {
    body,
    run: firstRun({ body, by, seed, startedMs }),
    ...{ startedMs, edges: {}, gaps: [], marks: body.steps.map(() => null), killed: [] },
    watched: await sessionsNow(registry),
    settings: settingsNow(registry),
    history: await historyNow(registry),
  };
  stored.run.figures.sessions.watched = stored.watched.length;
  const found = troubles(await observe(stored, { registry, client }), []);
  const active = await registry.deployments.active();
  if (active) found.push(`deployment ${active.id} is under way`);
  if (found.length > 0 && body.force !== true) {
    throw new CulvertError('not_steady', `Before a failure is rehearsed, all should be well: ${found.join('; ')}.`, {
      fix: 'Mend that first, or give --force.',
    });
  }
  return stored;
}

/** Every node that a step may choose is asked, so that a run does not end half-way. */
async function checkTargets({ steps }: ChaosBody, nodes: readonly NodeView[], client: ChaosClient): Promise<void> {
  const live = nodes.filter(({ state }) => state !== 'dead');
  const asked = new Set<NodeView>();
  for (const { fault } of steps) {
    const target = targetOf(fault);
    if (!target) continue;
    const meant = live.filter((node) => ('node' in target ? node.id === target.node : node.role === target.role));
    if (meant.length === 0) {
      const what = 'node' in target ? target.node : target.role;
      throw new CulvertError('node_not_found', `There is no live ${what}.`);
    }
    for (const node of meant) asked.add(node);
  }
  await Promise.all([...asked].map((node) => checkNode(node, client)));
}

async function checkNode({ id, admin }: NodeView, client: ChaosClient): Promise<void> {
  try {
    const { active } = await client.chaosState(admin);
    if (active) throw new CulvertError('chaos_active', `${active.type} of ${active.run} is under way on ${id}.`);
  } catch (error) {
    if (error instanceof CulvertError && error.code === 'chaos_not_allowed') throw notAllowed(id);
    throw error;
  }
}

interface First {
  readonly body: ChaosBody;
  readonly by: string;
  readonly seed: number;
  readonly startedMs: number;
}

function firstRun({ body, by, seed, startedMs }: First): ChaosRun {
  const steps = body.steps.map(
    ({ fault, afterMs = 0 }): ChaosStep => ({
      ...{ fault, afterMs, state: 'waiting', nodes: [], startedAt: null, rtoMs: null, detail: '' },
    }),
  );
  return {
    id: runId(startedMs),
    ...{ state: 'running', reason: '', by, seed, startedAt: new Date(startedMs).toISOString(), endedAt: null },
    ...{ steps, figures: structuredClone(NO_FIGURES), checks: [] },
  };
}

/** Ids sort by their time: nine base-36 digits of it last for a thousand years. */
function runId(ms: number): string {
  return `chaos_${ms.toString(36).padStart(9, '0')}${base32(crypto.getRandomValues(new Uint8Array(5)))}`;
}
