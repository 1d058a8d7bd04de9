import type { ApiKey, KeyRole } from '@culvert/contracts';
import type { Tone } from '../../format/tone.ts';

export function keyState({ revokedAt, expiresAt }: ApiKey, nowMs: number): { state: string; tone: Tone } {
  if (revokedAt !== null) return { state: 'revoked', tone: 'neutral' };
  if (expiresAt !== null && Date.parse(expiresAt) <= nowMs) return { state: 'expired', tone: 'warn' };
  return { state: 'in force', tone: 'good' };
}

/** In force first, the newest first. */
export function sortedKeys(keys: readonly ApiKey[], nowMs: number): ApiKey[] {
  const rank = (key: ApiKey): number => (keyState(key, nowMs).state === 'in force' ? 0 : 1);
  return keys.toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.createdAt) - Date.parse(a.createdAt));
}

export const ROLE_CHOICES: readonly { readonly value: KeyRole; readonly label: string }[] = [
  { value: 'agent', label: 'agent: opens sessions of this tenant' },
  { value: 'viewer', label: 'viewer: looks at the whole cluster' },
  { value: 'operator', label: 'operator: looks, drains, deploys, closes' },
  { value: 'admin', label: 'admin: everything, tenants and keys, too' },
];

const DAY_SECONDS = 86_400;

/** '' is never. */
export const EXPIRY_CHOICES = [
  { value: '', label: 'never: until it is revoked' },
  { value: String(DAY_SECONDS), label: 'in a day' },
  { value: String(30 * DAY_SECONDS), label: 'in 30 days' },
  { value: String(90 * DAY_SECONDS), label: 'in 90 days' },
  { value: String(365 * DAY_SECONDS), label: 'in a year' },
] as const;
