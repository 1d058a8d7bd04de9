import assert from 'node:assert/strict';
import { it } from 'node:test';
import { randomId } from '@culvert/base';
import type { SessionFilter } from '../types.ts';
import type { World } from './contract.ts';
import { claimOf, hasCode, readyNode, takes, updateOf } from './fixtures.ts';

export function listContract(world: World): void {
  /** All pages, one after the other. */
  async function all(filter: Omit<SessionFilter, 'cursor'>): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await world.registry().listSessions({ ...filter, ...(cursor ? { cursor } : {}) });
      assert.ok(page.items.length <= filter.limit);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    return ids;
  }

  it('every session comes once, in order, whatever the size of a page', async () => {
    const node = await readyNode(world.registry(), { capacity: 300 });
    const tenantId = randomId('t');
    const claims = Array.from({ length: 120 }, () => claimOf(node, { tenantId }));
    await Promise.all(claims.map((claim) => takes(world.registry(), claim)));
    const expected = claims.map(({ sessionId }) => sessionId).sort();
    for (const limit of [1, 7, 100, 120, 500]) {
      assert.deepEqual(await all({ tenant: tenantId, limit }), expected);
    }
    assert.deepEqual(await all({ node: node.id, limit: 50 }), expected);
    const everything = new Set(await all({ limit: 500 }));
    assert.ok(expected.every((id) => everything.has(id)));
  });

  it('filters by state, node, tenant and words', async () => {
    const [a, b] = [await readyNode(world.registry()), await readyNode(world.registry())];
    const tenantId = randomId('t');
    const labels = { site: 'Lyon', 'team/x': 'a "b" ä', s: 'idle' };
    const busy = claimOf(a, { tenantId, name: 'Alpha', labels });
    const idle = claimOf(b, { tenantId, name: null, labels: {} });
    const gone = claimOf(await readyNode(world.registry()), { tenantId, name: 'gamma' });
    for (const claim of [idle, gone]) await takes(world.registry(), claim);
    await world.registry().updateSessions(a, [updateOf(busy.sessionId, await takes(world.registry(), busy))]);
    await world.registry().leave(gone.node);
    const cases: [Partial<SessionFilter>, string[]][] = [
      [{ state: 'busy' }, [busy.sessionId]],
      [{ state: 'idle' }, [idle.sessionId]],
      [{ state: 'offline' }, [gone.sessionId]],
      [{ node: b.id }, [idle.sessionId]],
      [{ node: 'nobody' }, []],
      [{ q: 'ALPH' }, [busy.sessionId]],
      [{ q: 'lyo' }, [busy.sessionId]],
      [{ q: idle.sessionId.slice(2, 14) }, [idle.sessionId]],
      [{ q: 'nothing like it' }, []],
      [{ q: tenantId.slice(0, 5).toUpperCase() }, [busy, idle, gone].map(({ sessionId }) => sessionId).sort()],
      [{ q: 'a "b" Ä' }, [busy.sessionId]],
      [{ q: 'alpha', state: 'idle' }, []],
      [{ label: { key: 'site' } }, [busy, gone].map(({ sessionId }) => sessionId).sort()],
      [{ label: { key: 'site', value: 'Lyon' } }, [busy.sessionId]],
      [{ label: { key: 'site', value: 'lyon' } }, []],
      [{ label: { key: 'team/x', value: 'a "b" ä' } }, [busy.sessionId]],
      [{ label: { key: 'team' } }, []],
      [{ label: { key: 'toString' } }, []],
    ];
    for (const [filter, expected] of cases) {
      assert.deepEqual(await all({ tenant: tenantId, limit: 10, ...filter }), expected, JSON.stringify(filter));
    }
    await assert.rejects(world.registry().listSessions({ limit: 0 }), hasCode('invalid_request'));
  });

  it("a tenant's sessions do not show up under an id that begins alike", async () => {
    const node = await readyNode(world.registry());
    const tenant = randomId('t');
    const claim = claimOf(node, { tenantId: `${tenant}-2` });
    await takes(world.registry(), claim);
    assert.deepEqual(await all({ tenant, limit: 10 }), []);
  });
}
