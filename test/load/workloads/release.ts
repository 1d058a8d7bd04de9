import { type ClusterNode, type Deployment, FINAL_STATES } from '@culvert/contracts';
import type { Vu } from '../lib/index.ts';

const POLL_SECONDS = 1;
const DEADLINE_MS = 600_000;

/** A rolling deployment of the version that the workers run already: what it changes is which processes serve. */
export async function releaseOnce(vu: Vu): Promise<void> {
  const { items } = await vu.api.call<{ items: ClusterNode[] }>('GET', '/nodes');
  const version = items.find(({ role, state }) => role === 'worker' && state === 'ready')?.version;
  if (version === undefined) throw new Error('the cluster has no worker that is ready');
  const body = { version, strategy: 'rolling', analyzeMs: 0 };
  const { id } = await vu.api.call<Deployment>('POST', '/deployments', { body });
  const deadline = performance.now() + DEADLINE_MS;
  let { state } = await show(vu, id);
  while (!FINAL_STATES.includes(state) && state !== 'paused') {
    if (performance.now() > deadline) throw new Error(`deployment ${id} is still ${state}`);
    await vu.sleep(POLL_SECONDS);
    ({ state } = await show(vu, id));
  }
  vu.check(state, { 'the release succeeded': state === 'succeeded' });
}

function show(vu: Vu, id: string): Promise<Deployment> {
  return vu.api.call<Deployment>('GET', `/deployments/${id}`);
}
