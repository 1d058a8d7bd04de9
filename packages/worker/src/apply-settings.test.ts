import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SettingsSnapshot, Tenant } from '@culvert/registry';
import { applySettings } from './apply-settings.ts';
import { StillWorld } from './testing/still-world.ts';
import { LinkStandIn, ticketOf } from './testing/world.ts';

// Revocations are pinned in sessions.test.ts.

const settingsWith = (tenant: Pick<Tenant, 'pool' | 'spill'>): SettingsSnapshot => ({
  revision: 1,
  tenants: [{ id: 'acme', name: '', createdAt: 0, limits: { sessions: 9, connectionsPerSession: 9 }, ...tenant }],
  keys: [
    {
      ...{ id: 'k_1', tenant: 'acme', role: 'agent', hash: '', createdAt: 0, expiresAt: null, revokedAt: null },
      label: '',
    },
  ],
});

it('the canary tenant, which is in no settings and in any pool, stays where it is', async () => {
  const world = new StillWorld();
  const ticket = ticketOf({ tenantId: 'culvert-canary', keyId: 'k_of_nobody' });
  const { link, actor } = await world.admit(ticket);
  const standby = new LinkStandIn();
  world.sessions.standbys.add({ ticket, link: standby.asLink() });
  applySettings(world.sessions, settingsWith({ pool: null, spill: [] }), 'blue', 'k_root');
  assert.deepEqual([link.asked, link.ends, standby.asked, standby.ends, actor.serving], [[], [], [], [], true]);
});

describe('a pin that has changed', () => {
  it('moves sessions, and standbys, out of pools where their tenant is served no more', async () => {
    for (const [tenant, pool, moves] of [
      [{ pool: null, spill: [] }, 'default', false],
      [{ pool: null, spill: [] }, 'blue', true],
      [{ pool: 'blue', spill: [] }, 'blue', false],
      [{ pool: 'blue', spill: [] }, 'default', true],
      [{ pool: 'blue', spill: ['green', 'default'] }, 'default', false],
      [{ pool: 'blue', spill: ['green', 'default'] }, 'green', false],
      [{ pool: 'blue', spill: ['green'] }, 'default', true],
    ] as const) {
      const world = new StillWorld();
      const { link, actor } = await world.admit();
      const standby = new LinkStandIn();
      world.sessions.standbys.add({ ticket: ticketOf(), link: standby.asLink() });
      applySettings(world.sessions, settingsWith(tenant), pool, 'k_root');
      const asked = moves ? ['draining'] : [];
      assert.deepEqual([link.asked, standby.asked], [asked, asked], `${JSON.stringify(tenant)} in ${pool}`);
      assert.deepEqual([link.end, standby.end, actor.serving], [undefined, undefined, true]);
    }
  });
});
