import { type CulvertError, randomId } from '@culvert/base';
import type { Registry } from '../registry.ts';
import type { Hint, NodeInfo, NodeLoad, SessionClaim, SessionReassert, SessionUpdate } from '../types.ts';

/** Ids are random, so tests that share a Redis do not meet. */
export function nodeOf(over: Partial<NodeInfo> = {}): NodeInfo {
  return {
    id: randomId('w'),
    boot: randomId('b'),
    role: 'worker',
    version: '1.0.0',
    pool: 'default',
    host: 'host.example',
    pid: 4711,
    proxy: 'http://127.0.0.1:8080',
    link: 'ws://127.0.0.1:8081',
    admin: 'http://127.0.0.1:8082',
    capacity: 100,
    admissionRate: 1_000,
    ...over,
  };
}

export const READY: NodeLoad = { state: 'ready', sessions: 0, connections: 0 };

/** Beats, and confirms that the directory has all that the node holds: nothing. Returns the round. */
export async function beats(registry: Registry, node: NodeInfo, load: NodeLoad = READY): Promise<string> {
  const reply = await registry.beat({ node, load });
  if (reply.outcome !== 'ok') throw new Error(`${node.id} is dead`);
  await registry.beat({ node, load, confirmed: reply.round });
  return reply.round;
}

/** A node with a live lease that takes sessions. */
export async function readyNode(registry: Registry, over: Partial<NodeInfo> = {}): Promise<NodeInfo> {
  const node = nodeOf(over);
  await beats(registry, node);
  return node;
}

export function claimOf(node: NodeInfo, over: Partial<SessionClaim> = {}): SessionClaim {
  return {
    sessionId: randomId('s'),
    tenantId: 'acme',
    name: 'office',
    node,
    pool: node.pool,
    agentId: 'a_1',
    keyId: 'k_1',
    labels: { site: 'Berlin' },
    lastEpoch: 0,
    ...over,
  };
}

/** Claims and returns the epoch; throws if refused. */
export async function takes(registry: Registry, claim: SessionClaim): Promise<number> {
  const reply = await registry.claim(claim);
  if (reply.outcome !== 'claimed') throw new Error(`refused: ${reply.reason}`);
  return reply.epoch;
}

export function updateOf(sessionId: string, epoch: number, over: Partial<SessionUpdate> = {}): SessionUpdate {
  return { sessionId, epoch, state: 'busy', connections: 2, bytesIn: 10, bytesOut: 20, ...over };
}

/** What the owner of `claim` says of it after the registry lost it. */
export function reassertOf(claim: SessionClaim, epoch: number): SessionReassert {
  const { tenantId, name, pool, agentId, keyId, labels } = claim;
  return { ...updateOf(claim.sessionId, epoch), tenantId, name, pool, agentId, keyId, labels, connectedAtMs: 1_000 };
}

/** Resolves with the first hint from now on that `wanted` accepts. */
export function nextHint(registry: Registry, wanted: (hint: Hint) => boolean): Promise<Hint> {
  return new Promise((resolve) => {
    const unsubscribe = registry.onHint((hint) => {
      if (!wanted(hint)) return;
      unsubscribe();
      resolve(hint);
    });
  });
}

/** Resolves once hints are being received: a subscription starts with a reset. */
export async function subscribed(registry: Registry): Promise<void> {
  await nextHint(registry, (hint) => hint.kind === 'reset');
}

export function hasCode(code: CulvertError['code']): { code: string } {
  return { code };
}
