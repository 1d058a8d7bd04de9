import { CulvertError } from '@culvert/base';
import type { ApiClient } from './api-client.ts';

/** A key as it is answered once, when it is made. */
export interface NewKey {
  readonly id: string;
  readonly key: string;
}

/** Makes the tenant unless it is there. */
export async function ensureTenant(api: ApiClient, id: string): Promise<void> {
  try {
    await api.call('POST', '/tenants', { body: { id, name: id } });
  } catch (error) {
    if (!(error instanceof CulvertError && error.code === 'tenant_exists')) throw error;
  }
}

/** A new key of a tenant; nobody can read it again. */
export function createKey(
  api: ApiClient,
  tenant: string,
  role: 'agent' | 'viewer' | 'operator',
  label: string,
): Promise<NewKey> {
  return api.call<NewKey>('POST', `/tenants/${encodeURIComponent(tenant)}/keys`, { body: { role, label } });
}
