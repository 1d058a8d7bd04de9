import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Health } from './health.ts';
import { vitalsOf } from './vitals.ts';

describe('what a beat tells of its process', () => {
  it('has the failing checks in words, save for those that the beat itself disproves', () => {
    const health = new Health();
    health.check('redis', () => 'connection refused');
    health.check('registry', () => 'the node has not told the registry of itself yet');
    health.check('disk', () => 'no space');
    health.check('clock', () => undefined);
    assert.deepEqual(vitalsOf(health).problems, ['disk: no space']);
    assert.deepEqual(health.readiness.reasons.length, 3, '/readyz tells them all');
  });

  it('is short, whatever the checks say', () => {
    const health = new Health();
    for (let i = 0; i < 9; i += 1) health.check(`check-${i}`, () => 'x'.repeat(1_000));
    const { problems } = vitalsOf(health);
    assert.deepEqual([problems.length, ...new Set(problems.map(({ length }) => length))], [5, 200]);
    assert.match(problems[0] ?? '', /^check-0: x+…$/);
  });

  it('has when the process began', () => {
    const { startedAt } = vitalsOf(new Health());
    const beganMs = Date.now() - process.uptime() * 1_000;
    assert.ok(Number.isInteger(startedAt) && Math.abs(startedAt - beganMs) < 5_000, `${startedAt} is near ${beganMs}`);
  });
});
