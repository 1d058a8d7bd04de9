import assert from 'node:assert/strict';
import { it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { keepPods, sweepOnce } from './housekeeping.ts';

it('a sweep that hangs is given up', async () => {
  const registry = { sweep: () => new Promise<never>(() => undefined) };
  await assert.rejects(sweepOnce({ registry, logger: silentLogger, deadlineMs: 5 }), { code: 'timeout' });
});

it('a sweep tells what it removed', async () => {
  const registry = { sweep: async () => ({ nodes: 1, sessions: 2 }) };
  assert.deepEqual(await sweepOnce({ registry, logger: silentLogger }), { nodes: 1, sessions: 2 });
});

it('what was started for want of anybody else is told', async () => {
  const kept = { first: ['w-0'], again: [] };
  const told: unknown[] = [];
  const logger = { ...silentLogger, info: (fields: object) => void told.push(fields) };
  assert.deepEqual(await keepPods({ provider: { keep: async () => kept }, logger }), kept);
  await keepPods({ provider: { keep: async () => ({ first: [], again: [] }) }, logger });
  assert.deepEqual(told, [{ event: 'pods.started', ...kept }]);
});
