import type { SettingsSnapshot } from '@culvert/registry';
import type { SessionEnd } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

const REVOKED: SessionEnd = {
  code: 'key_revoked',
  message: "the agent's API key is no longer valid",
  by: 'operator',
  final: true,
};

/**
 * Ends the sessions whose key was revoked or deleted, or whose tenant is gone: a leaked key must not live on in a link
 * that it opened. A key that merely expires opens no new sessions; those that are open stay.
 */
export function endRevoked(sessions: Sessions, settings: SettingsSnapshot, rootKeyId: string): void {
  const tenants = new Set(settings.tenants.map((tenant) => tenant.id));
  const good = new Set(settings.keys.filter((key) => key.revokedAt === null).map((key) => key.id));
  good.add(rootKeyId);
  for (const actor of sessions.all()) {
    if (!good.has(actor.ticket.keyId) || !tenants.has(actor.ticket.tenantId)) actor.close(REVOKED);
  }
}
