import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CulvertError, Scope, silentLogger } from '@culvert/base';
import { createMetrics } from '@culvert/telemetry/testing';
import { Registry } from './registry.ts';
import { observeRegistry, registryMeter } from './registry-metrics.ts';
import { claimOf, readyNode, reassertOf, takes, updateOf } from './testing/fixtures.ts';
import { startRedis } from './testing/index.ts';

it('calls are timed by command and outcome, fenced writes are counted, and a Redis that is away is shown', async () => {
  const scope = new Scope();
  try {
    const telemetry = scope.own('telemetry', createMetrics({ role: 'worker', version: '1.2.3', node_id: 'w1' }));
    const { meter } = telemetry;
    const redis = await startRedis();
    scope.defer('redis', () => redis.stop());
    const options = { url: redis.url, logger: silentLogger, commandTimeoutMs: 300 };
    const registry = scope.own('registry', Registry.connect({ ...options, observer: registryMeter(meter) }));
    const presence = { leaseAgeMs: undefined as number | undefined };
    observeRegistry(meter, registry, presence);
    const shown = async (name: string): Promise<string[]> =>
      (await telemetry.text()).split('\n').flatMap((line) => (line.startsWith(name) ? [line.slice(name.length)] : []));
    const calls = async (): Promise<string[]> =>
      (await shown('culvert_registry_call_duration_seconds_count')).filter((line) => /list_nodes|release/.test(line));

    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
    await registry.getNode('w1');
    const nobodys = { sessionId: 's_1', node: { id: 'w1', boot: 'b1' }, epoch: 7, reason: 'link_lost' };
    assert.equal(await registry.release(nobodys), 'absent');
    const answered = ['{command="list_nodes",outcome="ok"} 1', '{command="release",outcome="ok"} 1'];
    assert.deepEqual(await calls(), answered);
    assert.deepEqual(await shown('culvert_registry_fenced_total'), [' 0']);
    assert.deepEqual(await shown('culvert_registry_up'), [' 1']);
    assert.deepEqual(await shown('culvert_registry_lease_age_seconds'), [], 'there is no lease yet');
    presence.leaseAgeMs = 1_500;
    assert.deepEqual(await shown('culvert_registry_lease_age_seconds'), [' 1.5']);

    const node = await readyNode(registry);
    const claim = claimOf(node);
    const epoch = await takes(registry, claim);
    const stale = { sessionId: claim.sessionId, node, epoch: epoch - 1, reason: 'link_lost' };
    assert.equal(await registry.release(stale), 'fenced');
    await registry.updateSessions(node, [updateOf(claim.sessionId, epoch - 1)]);
    await registry.reassert(node, [reassertOf(claim, epoch - 1)]);
    assert.deepEqual(await shown('culvert_registry_fenced_total'), [' 3']);

    await redis.stop();
    await assert.rejects(registry.getNode('w1'), CulvertError);
    assert.ok((await calls()).includes('{command="list_nodes",outcome="registry_unavailable"} 1'));
    assert.deepEqual(await shown('culvert_registry_up'), [' 0']);
  } finally {
    await scope.close();
  }
});
