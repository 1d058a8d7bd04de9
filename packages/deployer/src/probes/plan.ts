import type { NodeView } from '@culvert/registry';

export type Reachable = NodeView & { readonly proxy: string };

/** One way that a round tries: through a gateway, or (null) at the worker's own address. */
export interface PlannedWay {
  readonly gateway: Reachable | null;
  readonly worker: Reachable;
}

export interface RoundPlan {
  readonly workers: readonly Reachable[];
  readonly ways: readonly PlannedWay[];
}

/**
 * May it be probed? Whoever is to take nothing new, is on its way out or has not come up yet is left alone: probes must hold
 * nobody up. A worker that is cut off from Redis is probed all the same: what it has, it has to serve.
 */
export function isProbed(node: NodeView): node is Reachable {
  const serves = node.state === 'ready' || node.state === 'suspect';
  return serves && !node.cordoned && node.proxy !== undefined && (node.role === 'gateway' || isWorker(node));
}

/**
 * What round `number` tries: every gateway and every worker once at least, each worker at its own address, and another pairing
 * each time, so that all pairs have had their turn after as many rounds as there are workers.
 */
export function planRound(nodes: readonly NodeView[], number: number): RoundPlan {
  const probed = nodes.filter(isProbed).sort((one, other) => (one.id < other.id ? -1 : 1));
  const workers = probed.filter(isWorker);
  const gateways = probed.filter(({ role }) => role === 'gateway');
  const pairs = workers.length === 0 || gateways.length === 0 ? 0 : Math.max(workers.length, gateways.length);
  const ways: PlannedWay[] = workers.map((worker) => ({ gateway: null, worker }));
  for (let i = 0; i < pairs; i += 1) {
    const gateway = gateways[i % gateways.length];
    const worker = workers[(i + number) % workers.length];
    if (gateway !== undefined && worker !== undefined) ways.push({ gateway, worker });
  }
  return { workers, ways };
}

function isWorker({ role, link }: NodeView): boolean {
  return role === 'worker' && link !== undefined;
}
