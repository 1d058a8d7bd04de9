import type { EffectResult } from '../core/types.ts';

/** What is stored under the keys of effects; anything else is not ours. */
export function asResults(stored: ReadonlyMap<string, unknown>): Record<string, EffectResult> {
  return Object.fromEntries([...stored].flatMap(([key, value]) => (isResult(value) ? [[key, value]] : [])));
}

function isResult(value: unknown): value is EffectResult {
  if (typeof value !== 'object' || value === null) return false;
  const { ok, detail, facts } = value as Record<string, unknown>;
  return typeof ok === 'boolean' && typeof detail === 'string' && typeof facts === 'object' && facts !== null;
}
