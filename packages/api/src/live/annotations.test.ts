import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment } from '@culvert/contracts';
import type { StoredDeployment } from '@culvert/registry';
import { fillRequest, newDeployment } from '@culvert/service';
import { annotationsIn } from './annotations.ts';

const NOW = Date.UTC(2026, 4, 20, 12);
const MINUTE = 60_000;

/** One that was made, and was over, so many minutes ago; null: it is under way. */
function record(id: string, madeAgo: number, overAgo: number | null, state: Deployment['state']): StoredDeployment {
  const nowMs = NOW - madeAgo * MINUTE;
  const made = newDeployment({ request: fillRequest({ version: '2' }), createdBy: 'k', nowMs, attended: true, id });
  const finishedAt = overAgo === null ? null : new Date(NOW - overAgo * MINUTE).toISOString();
  const deployment = { ...made.view.deployment, state, finishedAt };
  return { ...made, state, over: overAgo !== null, view: { ...made.view, deployment } };
}

/** Pages as the registry gives them, the newest first; and how many were read. */
function pages(records: readonly StoredDeployment[]) {
  let read = 0;
  const list = async ({ limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    read += 1;
    const end = Number(cursor) + limit;
    return { items: records.slice(Number(cursor), end), next: end < records.length ? String(end) : null };
  };
  return { deployments: { list }, read: () => read };
}

describe('what is drawn into charts', () => {
  it('is the deployments that ran in the window, also one that began before it', async () => {
    const source = pages([
      record('d_waits', 1, null, 'pending'),
      record('d_runs', 5, null, 'running'),
      record('d_no', 20, 20, 'rejected'),
      record('d_done', 90, 30, 'succeeded'),
      record('d_old', 120, 61, 'succeeded'),
    ]);
    const shown = await annotationsIn(source, '1h', NOW);
    assert.deepEqual(shown, [
      { deployment: 'd_runs', from: iso(5), to: null, text: '2 to pool default', state: 'running' },
      { deployment: 'd_done', from: iso(90), to: iso(30), text: '2 to pool default', state: 'succeeded' },
    ]);
    const day = await annotationsIn(source, '24h', NOW);
    assert.deepEqual(day.at(-1)?.deployment, 'd_old');
  });

  it('is read no further than the window goes, and 100 records at most', async () => {
    const many = Array.from({ length: 300 }, (_, i) => record(`d_${i}`, i, i, 'succeeded'));
    const [hour, day] = [pages(many), pages(many)];
    assert.equal((await annotationsIn(hour, '1h', NOW)).length, 61);
    assert.equal(hour.read(), 5);
    assert.equal((await annotationsIn(day, '24h', NOW)).length, 100);
    const [old] = [pages(many.slice(70))];
    assert.deepEqual([await annotationsIn(old, '1h', NOW), old.read()], [[], 1]);
  });
});

function iso(minutesAgo: number): string {
  return new Date(NOW - minutesAgo * MINUTE).toISOString();
}
