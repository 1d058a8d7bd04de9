import { Backoff, CulvertError, type Logger, sleep } from '@culvert/base';
import type { DrainReport } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { forEachBounded } from '@culvert/service';
import type { EffectResult } from '../core/types.ts';
import { Ledger, putTouched } from './ledger.ts';
import type { LongWork } from './long-effects.ts';
import { sessionsOf } from './observer.ts';
import { ReattachReader } from './reattached.ts';
import type { Core, EngineRegistry, MakeReceipt, MoveSession, NodeAsker, NodeVerifier } from './world.ts';

/** Sessions that are sent back at a time. */
const AT_ONCE = 16;
/** For them to arrive; less than the whole effect may take, so that there is time to say who did not. */
const RETURN_PATIENCE_MS = 45_000;

type Outcome = Pick<EffectResult, 'ok' | 'detail' | 'facts'>;

export interface LongWorkOptions {
  readonly registry: EngineRegistry;
  readonly core: Pick<Core, 'begin'>;
  readonly client: NodeAsker;
  readonly verifier: NodeVerifier;
  readonly moveSession: MoveSession;
  readonly makeReceipt: MakeReceipt;
  readonly logger: Logger;
}

/** How each of the effects that take seconds is done. */
export function longWork(options: LongWorkOptions): LongWork {
  return async ({ deployment, effect }, signal) => {
    switch (effect.kind) {
      case 'verify':
        return verify(options, await nodeOf(options, effect.node), signal);
      case 'probe':
        return probe(options, await nodeOf(options, effect.node), signal);
      case 'collect':
        return collect(options, deployment, await nodeOf(options, effect.node), signal);
      case 'return':
        return sendBack(options, deployment, effect.node, signal);
      case 'receipt':
        return writeReceipt(options, deployment, signal);
    }
  };
}

async function verify({ verifier, client }: LongWorkOptions, node: NodeView, signal: AbortSignal): Promise<Outcome> {
  if (node.role === 'worker') return verifier.verify({ node, signal });
  const { ready, reasons } = await client.readiness(node.admin, signal);
  if (!ready) return { ok: false, detail: `it is not ready: ${reasons.join('; ')}`, facts: {} };
  if (node.role === 'gateway') return verifier.verifyGateway({ node, signal });
  return { ok: true, detail: 'it says that it is ready', facts: {} };
}

/** The cohort that a probe counts for is that of its node. */
async function probe({ verifier }: LongWorkOptions, node: NodeView, signal: AbortSignal): Promise<Outcome> {
  const { ok, detail, facts } = await verifier.probe({ node, signal });
  return { ok, detail, facts: { ...facts, node: node.id } };
}

async function collect(
  { client, registry }: LongWorkOptions,
  deployment: string,
  node: NodeView,
  signal: AbortSignal,
): Promise<Outcome> {
  const { sessions } = await client.drainReport(node.admin, signal);
  const entries = new Map(sessionsOf(node.id, sessions));
  const complete = (await putTouched(registry.deployments, deployment, entries)) === 'kept';
  return { ok: true, detail: `${sessions.length} sessions`, facts: { sessions: sessions.length, complete } };
}

/** Each session that left the node, and lives somewhere else, is sent back once; then it is looked where they are. */
async function sendBack(
  { registry, moveSession }: LongWorkOptions,
  deployment: string,
  node: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const touched = await registry.deployments.touched(deployment);
  const moved = [...touched].flatMap(([key, value]) => {
    const { id, outcome } = value as DrainReport['sessions'][number];
    return key.startsWith(`s/${node}/`) && (outcome === 'moved' || outcome === 'closed_idle') ? [id] : [];
  });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(RETURN_PATIENCE_MS)]);
  let waiting = await elsewhere(registry, moved, node, signal);
  const refused = new Map<string, string>();
  await forEachBounded(waiting, AT_ONCE, async (id) => {
    signal.throwIfAborted();
    const outcome = await moveSession(id, node);
    if (outcome !== 'done') refused.set(id, outcome);
  });
  const backoff = new Backoff({ firstMs: 100, maxMs: 1_000 });
  waiting = waiting.filter((id) => !refused.has(id));
  while (waiting.length > 0 && !patience.aborted) {
    await sleep(backoff.next(50), patience);
    waiting = await elsewhere(registry, waiting, node, signal);
  }
  const away = waiting.length + refused.size;
  const facts = { sessions: moved.length, back: moved.length - away, refused: refused.size };
  if (away === 0) return { ok: true, detail: `${moved.length} sessions are back`, facts };
  const why = refused.size > 0 ? ` (${[...new Set(refused.values())].join(', ')})` : '';
  return { ok: false, detail: `${away} of ${moved.length} sessions are not back${why}`, facts };
}

/** Those of `ids` that live, and are not on the node. */
async function elsewhere(
  registry: Pick<EngineRegistry, 'getSession'>,
  ids: readonly string[],
  node: string,
  signal: AbortSignal,
): Promise<string[]> {
  const away: string[] = [];
  await forEachBounded(ids, AT_ONCE, async (id) => {
    signal.throwIfAborted();
    const session = await registry.getSession(id);
    if (session !== undefined && session.state !== 'offline' && session.node !== node) away.push(id);
  });
  return away;
}

/** What the edges recorded last is read once more: a connection may have found its way a moment ago. */
async function writeReceipt(
  { registry, core, client, makeReceipt, logger }: LongWorkOptions,
  deployment: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { deployments } = registry;
  const record = await deployments.get(deployment);
  const nowMs = registry.redisNow();
  if (record === undefined) throw new CulvertError('deployment_not_found');
  if (nowMs === undefined) throw new CulvertError('registry_unavailable', 'the time of Redis is not known');
  const [ledger, nodes] = await Promise.all([Ledger.open(deployments, deployment), registry.listNodes()]);
  await new ReattachReader(client, logger).read({ ledger, nodes, sinceMs: record.createdAtMs, signal });
  const receipt = makeReceipt(core.begin(record), await deployments.touched(deployment), nowMs);
  await deployments.putReceipt(deployment, receipt);
  return { ok: true, detail: 'the receipt is kept', facts: {} };
}

async function nodeOf({ registry }: LongWorkOptions, id: string): Promise<NodeView> {
  const node = await registry.getNode(id);
  if (node !== undefined && node.state !== 'dead') return node;
  throw new CulvertError('node_unreachable', `${id} is not in the registry`);
}
