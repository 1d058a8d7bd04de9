import { CulvertError } from '@culvert/base';
import type { RegistryStatus } from '@culvert/contracts';
import type { Registry } from '@culvert/registry';
import { iso } from './views.ts';

/** Answers also while Redis is away: then that is what there is to tell. */
export async function statusOf(registry: Pick<Registry, 'status' | 'unavailableReason'>): Promise<RegistryStatus> {
  try {
    const { since, ...status } = await registry.status();
    return { available: true, reason: null, ...status, since: since === null ? null : iso(since) };
  } catch (error) {
    if (!(error instanceof CulvertError) || error.code !== 'registry_unavailable') throw error;
    return statusAway(registry.unavailableReason ?? error.message);
  }
}

export function statusAway(reason: string): RegistryStatus {
  const nothing = { round: null, recovering: null, since: null, server: null, sessions: null, nodes: null };
  return { available: false, reason, ...nothing };
}
