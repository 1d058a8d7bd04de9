import assert from 'node:assert/strict';
import { Backoff, CulvertError, type ErrorCode, sleep } from '@culvert/base';
import type { LaunchRequest, NodeProvider, ProvidedNode, TerminateRequest } from '../../provider.ts';
import type { KubeRequest } from './api-server.ts';
import type { KubeObject } from './objects.ts';
import { type KubeWorld, NAMESPACE, TEMPLATES } from './world.ts';

const PATIENCE_MS = 15_000;
export const order = (id: string, more: Partial<LaunchRequest> = {}): LaunchRequest => ({
  ...{ id, role: 'worker', pool: 'default', version: '2.0.0', replaces: null, cordoned: true },
  ...{ choice: { kind: 'kubernetes' }, deployment: 'dep_1', fence: 10, ...more },
});
export const end = (id: string, fence = 10, graceMs = 1_000): TerminateRequest => ({
  id,
  deployment: 'dep_1',
  fence,
  graceMs,
});

export const isCreate = ({ verb, resource }: KubeRequest): boolean => verb === 'create' && resource === 'pods';
export const isEviction = ({ resource }: KubeRequest): boolean => resource === 'pods/eviction';
export const isReady = (pod: KubeObject | undefined): boolean =>
  (pod?.status?.conditions ?? []).some(
    ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
  );

const LEDGER = { kind: 'ConfigMap', namespace: NAMESPACE, name: `${TEMPLATES}-ledger` };

export function ledgerOf(world: KubeWorld, id: string): { readonly uid: string | null } {
  return JSON.parse(world.server.store.get(LEDGER).data[id]);
}

/** What was ordered lately is given time to appear. */
export function backdate(world: KubeWorld, id: string): void {
  world.server.store.update(LEDGER, (ledger) => {
    const entry = { ...JSON.parse(ledger.data[id]), atMs: 0 };
    return { ...ledger, data: { ...ledger.data, [id]: JSON.stringify(entry) } };
  });
}

export async function reaches(provider: NodeProvider, id: string, state: ProvidedNode['state']): Promise<ProvidedNode> {
  let node: ProvidedNode | undefined;
  await eventuallyAsync(async () => {
    node = (await provider.list()).find((one) => one.id === id);
    return node?.state === state;
  }, `${id} is not ${state}`);
  assert.ok(node);
  return node;
}

export function eventually(test: () => boolean, otherwise: string): Promise<void> {
  return eventuallyAsync(() => Promise.resolve(test()), otherwise);
}

/** For what another process, or the far side, does. */
export async function eventuallyAsync(test: () => Promise<boolean>, otherwise: string): Promise<void> {
  const backoff = new Backoff({ firstMs: 10, maxMs: 100 });
  for (const deadline = performance.now() + PATIENCE_MS; !(await test()); await sleep(backoff.next(10))) {
    assert.ok(performance.now() < deadline, otherwise);
  }
}

export async function refused(promise: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof CulvertError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
}

export const refusedList = (provider: NodeProvider, words: RegExp): Promise<void> =>
  refused(provider.list(), 'provider_failed', words);
