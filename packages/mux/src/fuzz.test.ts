import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fuzzLinkOnce } from './testing/fuzz-link.ts';
import { fuzz } from './testing/fuzz-runner.ts';

// A slice of `npm run fuzz`, from a seed of the day's own: what it finds, its message brings back.
it('no conversation makes an end throw, grow, or leave anything behind', () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const { cases, failed } = fuzz(fuzzLinkOnce, { seed, milliseconds: 2_000 });
  assert.equal(failed?.error, undefined, `npm run fuzz -- --seed ${failed?.seed}`);
  assert.ok(cases > 20, `only ${cases} cases`);
});
