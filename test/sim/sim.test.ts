import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { configOf } from './config.ts';
import { type Fault, planFaults } from './faults.ts';
import { runMutant } from './mutate.ts';
import { MUTATIONS, mutated } from './mutations.ts';
import { tellFailure } from './report.ts';
import { simulate } from './simulate.ts';

const root = dirname(dirname(import.meta.dirname));
/** Seconds, not minutes: the long run is `npm run sim -- --seeds 20000`. */
const SEEDS = 80;

describe('the simulator', () => {
  it(`finds nothing wrong in ${SEEDS} seeds`, async () => {
    let opened = 0;
    let bytes = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const result = await simulate({ seed });
      const lines: string[] = [];
      tellFailure(result, undefined, (line) => lines.push(line));
      assert.equal(result.failure, undefined, lines.join('\n'));
      opened += result.opened;
      bytes += result.bytes;
    }
    // A world in which nothing happens finds nothing wrong either.
    assert.ok(opened > SEEDS * 3 && bytes > SEEDS * 100_000, `${opened} connections, ${bytes} bytes`);
  });

  it('does the same again from the same seed', async () => {
    for (const seed of [3, 77]) {
      const [first, second] = [await simulate({ seed }), await simulate({ seed })];
      assert.equal(second.traceHash, first.traceHash);
      assert.deepEqual(second.story.last(4_000), first.story.last(4_000));
    }
  });

  it('leaves everything else as it was when a fault is left out', async () => {
    const seed = 9;
    const [first, ...others] = planFaults(seed, configOf(seed));
    assert.ok(first !== undefined && others.length > 0);
    const { faults } = await simulate({ seed, without: { faults: new Set([first.number]), connections: new Set() } });
    assert.deepEqual(faults.map(describeFault), others.map(describeFault));
  });

  it('finds a byte that is left out of a replay, and an end that is', async () => {
    for (const name of ['replay-offset', 'fin-not-replayed']) {
      const found = await runMutant(name, 100);
      assert.ok(found.seeds !== undefined, `${name} was not found`);
    }
  });

  it('has mutations that still fit the sources', () => {
    for (const mutation of MUTATIONS) mutated(mutation, readFileSync(join(root, mutation.file), 'utf8'));
    assert.ok(MUTATIONS.length >= 10);
  });
});

function describeFault({ number, kind, atMs }: Fault): string {
  return `${number} ${kind} ${atMs}`;
}
