import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CappedTenants } from './capped-tenants.ts';

it('1,000 tenants have 201 names, and a name that was given stays', () => {
  const tenants = new CappedTenants();
  const ids = Array.from({ length: 1_000 }, (_, i) => `t_${i}`);
  const first = ids.map((id) => tenants.name(id));
  assert.equal(new Set(first).size, 201);
  assert.deepEqual(first.slice(199, 202), ['t_199', '~other', '~other']);
  assert.deepEqual(
    ids.map((id) => tenants.name(id)),
    first,
    'the same names when they come again',
  );
});
