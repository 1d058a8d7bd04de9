import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { Effect, EffectResult } from '../core/types.ts';
import type { LaunchRequest } from '../providers/provider.ts';
import { Applier, type Applying } from './applier.ts';
import { Attempts } from './attempts.ts';
import { newRecord } from './testing/fake-world.ts';
import { tinyCore } from './testing/tiny-core.ts';
import type { EngineRegistry, NodeAsker, Providers } from './world.ts';

const state = tinyCore.begin(newRecord('d_1', { provider: { kind: 'process', directory: '/new' } }));
const launch: Effect = {
  ...{ key: 'd_1/w/prepare/1', kind: 'launch', node: 'w.new1', replaces: 'w', cordoned: true, version: '2.0.0' },
};

/** An applier whose provider does as `launches` says; `at` is its clock. */
function applierWith(launches: (request: LaunchRequest) => Promise<void>) {
  const results = new Map<string, EffectResult>();
  const clock = { at: 0 };
  // The effects of these tests ask for nothing else.
  const deployments = { putResult: async (_: string, key: string, result: EffectResult) => results.set(key, result) };
  const providers = { process: { launch: launches } } as unknown as Providers;
  const applier = new Applier({
    ...{ registry: { deployments } as unknown as EngineRegistry, client: {} as NodeAsker, providers },
    ...{ addJob: async () => undefined, logger: silentLogger },
    attempts: new Attempts(
      () => clock.at,
      () => 0.5,
    ),
  });
  const done: string[] = [];
  const applying: Applying = {
    ...{ state, fence: 7, nodes: [], nowMs: 1_000 },
    onDone: ({ key }) => void done.push(key),
  };
  return { applier, applying, results, clock, done };
}

describe('carrying effects out', () => {
  it('asks a provider that failed again after a pause, not at each tick, and gives up in words', async () => {
    let asked = 0;
    const { applier, applying, results, clock } = applierWith(async () => {
      asked += 1;
      throw new CulvertError('provider_failed', 'no room');
    });
    await applier.apply([launch], applying);
    await applier.apply([launch], applying);
    assert.equal(asked, 1);
    for (clock.at = 10_000; clock.at <= 60_000 && results.size === 0; clock.at += 10_000) {
      await applier.apply([launch], applying);
    }
    assert.equal(asked, 6);
    assert.deepEqual(results.get(launch.key), {
      ...{ ok: false, detail: 'no room', facts: { code: 'provider_failed', times: 6 }, atMs: 1_000, tookMs: 0 },
    });
  });

  it('gives up at once what would be answered the same', async () => {
    const { applier, applying, results } = applierWith(async () => {
      throw new CulvertError('invalid_request', 'no such directory');
    });
    await applier.apply([launch], applying);
    assert.equal(results.get(launch.key)?.detail, 'no such directory');
  });

  it('does not begin again what is under way', async () => {
    const going = Promise.withResolvers<void>();
    let asked = 0;
    const { applier, applying, done } = applierWith(() => {
      asked += 1;
      return going.promise;
    });
    const first = applier.apply([launch], applying);
    await applier.apply([launch], applying);
    assert.equal(asked, 1);
    assert.deepEqual(done, []);
    going.resolve();
    await first;
    assert.deepEqual(done, [launch.key]);
  });

  it('starts the old version where the provider had it, whatever the new one is taken from', async () => {
    const requests: LaunchRequest[] = [];
    const { applier, applying } = applierWith(async (request) => void requests.push(request));
    await applier.apply([launch, { ...launch, key: 'd_1/w/prepare/2', version: '1.0.0' }], applying);
    assert.deepEqual(
      requests.map(({ choice, fence }) => ({ choice, fence })),
      [
        { choice: { kind: 'process', directory: '/new' }, fence: 7 },
        { choice: { kind: 'process' }, fence: 7 },
      ],
    );
  });
});
