import type { LaunchRequest } from '../provider.ts';
import { providerContract } from '../testing/contract.ts';
import { KubeWorld } from '../testing/kube/world.ts';

const launch: LaunchRequest = {
  ...{ id: 'worker-1', role: 'worker', pool: 'default', version: '1.0.0', replaces: null, cordoned: false },
  ...{ choice: { kind: 'kubernetes' }, deployment: 'dep_0', fence: 1 },
};

providerContract('kubernetes', async () => {
  const world = await KubeWorld.open();
  const provider = world.provider();
  await provider.launch(launch);
  return {
    provider,
    running: launch.id,
    pidOf: (id) => world.kubelet.pidOf(id) ?? null,
    end: () => world[Symbol.asyncDispose](),
  };
});
