import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf, EVERYTHING, filterOf, isFiltered, isImpossible, trimmed } from './session-filter.ts';

describe('what is looked for', () => {
  it('is in the address, and comes back from it', () => {
    const filter = { q: 'a b', state: 'busy', node: 'w1', tenant: 'acme', label: 'team/x=ä&b' } as const;
    const address = new URL(addressOf(filter), 'http://x');
    assert.equal(address.pathname, '/sessions');
    assert.deepEqual(filterOf(Object.fromEntries(address.searchParams)), filter);
    assert.equal(addressOf(EVERYTHING), '/sessions');
    assert.equal(addressOf({ ...EVERYTHING, q: 'x' }, 'acme/s_1'), '/sessions?q=x&cursor=acme%2Fs_1');
  });

  it('is nothing where the address says nothing sensible', () => {
    const filter = filterOf({ state: 'sleeping', q: 'x'.repeat(200), whatever: '1' });
    assert.deepEqual([filter.state, filter.q.length], ['', 128]);
    assert.deepEqual([isFiltered(EVERYTHING), isFiltered(filter)], [false, true]);
  });

  it('is not asked for where no id can be so', () => {
    const impossible = [{ node: 'W 1' }, { tenant: 'acme-' }, { tenant: 'x'.repeat(64) }];
    assert.deepEqual(
      impossible.map((some) => isImpossible({ ...EVERYTHING, ...some })),
      [true, true, true],
    );
    assert.equal(isImpossible({ ...EVERYTHING, q: 'W 1', node: 'w1' }), false);
    assert.equal(trimmed({ ...EVERYTHING, tenant: ' acme ' }).tenant, 'acme');
  });
});
