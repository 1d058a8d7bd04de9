import assert from 'node:assert/strict';
import { it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { sweepOnce } from './housekeeping.ts';

it('a sweep that hangs is given up', async () => {
  const registry = { sweep: () => new Promise<never>(() => undefined) };
  await assert.rejects(sweepOnce({ registry, logger: silentLogger, deadlineMs: 5 }), { code: 'timeout' });
});

it('a sweep tells what it removed', async () => {
  const registry = { sweep: async () => ({ nodes: 1, sessions: 2 }) };
  assert.deepEqual(await sweepOnce({ registry, logger: silentLogger }), { nodes: 1, sessions: 2 });
});
