import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import type { Series } from '@culvert/contracts';
import { createKeys, Registry, SERIES_WINDOWS } from '@culvert/registry';
import { TestApi } from '../testing/start-api.ts';
import { LiveSource } from './live-source.ts';
import { Sampler } from './sampler.ts';

function samplerOf(registry: Registry): Sampler {
  const source = new LiveSource({ registry, now: Date.now, logger: silentLogger });
  return new Sampler({ registry, source, logger: silentLogger });
}

/** As if no step had been sampled. */
async function forgetSamples({ redis }: TestApi): Promise<void> {
  const socket = connect(redis.port, '127.0.0.1');
  socket.write(`DEL ${createKeys().series.cluster(SERIES_WINDOWS['1h'].stepMs)}\r\n`);
  await once(socket, 'data');
  socket.destroy();
}

describe('samples of the cluster', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
  });
  after(() => api[Symbol.asyncDispose]());

  it('are one a step, however many APIs take them, and any API shows them', async () => {
    await using registry = Registry.connect({ url: api.redis.url, logger: silentLogger });
    await registry.waitUntilAvailable();
    await api.node('w1', {}, 3);
    await api.node('g1', { role: 'gateway' });
    await api.node('a1', { role: 'api' });
    const samplers = [samplerOf(api.registry), samplerOf(registry)];
    const won = await Promise.all(samplers.map((sampler) => sampler.sample()));
    assert.ok(won.includes(true));
    const last = async (query: string) => {
      const { body } = await api.ask<Series>('GET', `/v1/series${query}`);
      return [body.window, body.node, body.stepMs, body.at.length, body.values.sessions?.at(-1)];
    };
    assert.deepEqual(await last(''), ['1h', null, 10_000, 360, 3]);
    assert.deepEqual(await last('?window=24h&node=w1'), ['24h', 'w1', 300_000, 288, 3]);
    assert.deepEqual(await last('?node=g1'), ['1h', 'g1', 10_000, 360, 0]);
    assert.deepEqual(await last('?node=a1'), ['1h', 'a1', 10_000, 360, null], 'it carries nothing');
    assert.equal((await api.ask('GET', '/v1/series?window=2h')).status, 400);
  });

  it('are not taken while Redis is away', async () => {
    const sampler = samplerOf(api.registry);
    await forgetSamples(api);
    api.redis.freeze();
    assert.equal(await sampler.sample(), false);
    assert.equal(await sampler.sample(), false);
    api.redis.thaw();
    await api.registry.waitUntilAvailable();
    const { sessions } = (await api.registry.series.read('1h')).values;
    assert.ok(
      sessions.every((value) => value === null),
      'nothing came late',
    );
    assert.equal(await sampler.sample(), true);
  });

  it('end when they are told to, at once', async () => {
    const sampler = samplerOf(api.registry);
    sampler.start();
    const began = performance.now();
    await sampler.close();
    assert.ok(performance.now() - began < 5_000, 'it did not wait for the next step');
  });
});
