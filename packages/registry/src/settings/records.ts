import type { Fields } from '../redis/fields.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** ms since the Unix epoch, here and below. */
  readonly createdAt: number;
  /** Pinned to this pool; null: served in the default pool. */
  readonly pool: string | null;
  /** Where its sessions may go when that pool is full, in this order; empty: they wait. */
  readonly spill: readonly string[];
  readonly limits: { readonly sessions: number; readonly connectionsPerSession: number };
}

export type KeyRole = 'admin' | 'operator' | 'viewer' | 'agent';

export interface ApiKey {
  readonly id: string;
  /** null: a key of the cluster's operators. */
  readonly tenant: string | null;
  readonly role: KeyRole;
  /** SHA-256 of the secret, hex; the secret itself is stored nowhere. */
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly label: string;
}

/** All settings at one revision. Revisions only rise; 0 is "nothing was ever set". */
export interface SettingsSnapshot {
  readonly revision: number;
  readonly tenants: readonly Tenant[];
  readonly keys: readonly ApiKey[];
}

export const EMPTY_SETTINGS: SettingsSnapshot = { revision: 0, tenants: [], keys: [] };

export function readTenant(fields: Fields): Tenant {
  const limits = fields.fields('limits');
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    createdAt: fields.integer('createdAt'),
    pool: fields.textOr('pool', null),
    spill: fields.textsOr('spill', []), // records of 0.1 have none
    limits: { sessions: limits.integer('sessions'), connectionsPerSession: limits.integer('connectionsPerSession') },
  };
}

export function readApiKey(fields: Fields): ApiKey {
  return {
    id: fields.text('id'),
    tenant: fields.textOr('tenant', null),
    role: fields.oneOf('role', ['admin', 'operator', 'viewer', 'agent']),
    hash: fields.text('hash'),
    createdAt: fields.integer('createdAt'),
    expiresAt: fields.integerOr('expiresAt', null),
    revokedAt: fields.integerOr('revokedAt', null),
    label: fields.text('label'),
  };
}

/** Reads a snapshot that was written as JSON. */
export function readSnapshot(fields: Fields): SettingsSnapshot {
  return {
    revision: fields.integer('revision'),
    tenants: fields.list('tenants').map(readTenant),
    keys: fields.list('keys').map(readApiKey),
  };
}
