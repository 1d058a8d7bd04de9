import type { Tenant, TenantUsage } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';

/** Connections come and go untold. */
const USAGE_MS = 5_000;
const SETTINGS_MS = 30_000;

export function useTenant(id: string) {
  return useQuery<Tenant>({
    queryKey: ['tenant', id],
    queryFn: () => answerOf(api.GET('/v1/tenants/{id}', { params: { path: { id } } })),
    refetchInterval: SETTINGS_MS,
  });
}

export function useUsage(id: string) {
  return useQuery<TenantUsage>({
    queryKey: ['tenant', id, 'usage'],
    queryFn: () => answerOf(api.GET('/v1/tenants/{id}/usage', { params: { path: { id } } })),
    refetchInterval: USAGE_MS,
  });
}

export function useKeys(id: string) {
  return useQuery({
    queryKey: ['tenant', id, 'keys'],
    queryFn: () => answerOf(api.GET('/v1/tenants/{id}/keys', { params: { path: { id } } })),
    refetchInterval: SETTINGS_MS,
  });
}

/** Everything that is shown of it, after a change. */
export function refetchTenant(id: string): void {
  void queryClient.invalidateQueries({ queryKey: ['tenant', id] });
  void queryClient.invalidateQueries({ queryKey: ['tenants'] });
}
