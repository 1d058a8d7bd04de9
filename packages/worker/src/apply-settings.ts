import { CANARY_TENANT } from '@culvert/contracts';
import { poolsOf, type SettingsSnapshot } from '@culvert/registry';
import type { SessionEnd } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

const REVOKED: SessionEnd = {
  code: 'key_revoked',
  message: "the agent's API key is no longer valid",
  by: 'operator',
  final: true,
};

const PINNED = { code: 'draining', message: 'the tenant is served in another pool' } as const;

/**
 * Carries out what changed in the settings. A session whose key was revoked or deleted, or whose tenant is gone, ends:
 * a leaked key must not live on in a link that it opened. (A key that merely expires opens no new sessions; those that
 * are open stay.) A session whose tenant is served in other pools now is asked to go there, its connections with it; one
 * that has spilled to a pool where it may be stays. The canary tenant is in no settings, and in whichever pool it has to be.
 */
export function applySettings(sessions: Sessions, settings: SettingsSnapshot, pool: string, rootKeyId: string): void {
  const tenants = new Map(settings.tenants.map((tenant) => [tenant.id, tenant]));
  const good = new Set(settings.keys.filter((key) => key.revokedAt === null).map((key) => key.id));
  good.add(rootKeyId);
  for (const actor of sessions.all()) {
    if (actor.ticket.tenantId === CANARY_TENANT) continue;
    const tenant = tenants.get(actor.ticket.tenantId);
    if (tenant === undefined || !good.has(actor.ticket.keyId)) actor.close(REVOKED);
    else if (!poolsOf(tenant).includes(pool)) actor.move(PINNED.code, PINNED.message, undefined, { by: 'operator' });
  }
  for (const { ticket, link } of sessions.standbys.all()) {
    if (ticket.tenantId === CANARY_TENANT) continue;
    const tenant = tenants.get(ticket.tenantId);
    if (tenant === undefined || !good.has(ticket.keyId)) {
      link.machine.end({ code: REVOKED.code, message: REVOKED.message, final: true });
    } else if (!poolsOf(tenant).includes(pool)) link.machine.goAway(PINNED.code, PINNED.message);
  }
}
