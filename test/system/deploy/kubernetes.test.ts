import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { type KubeObject, KubeWorld, TEMPLATES, workerTemplate } from '@culvert/deployer/testing';
import { startRedis } from '@culvert/registry/testing';
import { EchoTunnel } from '../../support/chaos/echo-tunnel.ts';
import { DeploymentDriver } from '../../support/deploy/deployments.ts';
import { HOST, ReleaseWorld } from '../../support/deploy/release-world.ts';
import { startTcpTarget } from '../../support/targets/target.ts';
import { CULVERT_ENTRY } from '../../support/with-cluster.ts';

const DEADLINE_MS = 90_000;
const PREFIX = 'pods';

it('workers as pods: the first one is started, and a release replaces it under a tunnel', {
  timeout: 180_000,
}, async () => {
  await using redis = await startRedis();
  const secret = randomBytes(32).toString('hex');
  const cluster = { CULVERT_SECRET: secret, CULVERT_REDIS_URL: redis.url, CULVERT_REDIS_PREFIX: PREFIX };
  const annotations = { 'culvert.dev/replicas': '1', 'culvert.dev/first-version': '1.0.0' };
  const template = workerTemplate({ restartPolicy: 'Always' }, { generateName: 'culvert-worker-', annotations });
  const runOf = (pod: KubeObject) => {
    if (pod.spec.containers[0].image.endsWith('-absent')) return null;
    const argv = [process.execPath, CULVERT_ENTRY, ...pod.spec.containers[0].args];
    return { argv, env: { ...environmentOf(pod), ...cluster, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE } };
  };
  await using kube = await KubeWorld.open({ templates: { 'worker.default.json': template }, runOf });
  await using target = await startTcpTarget((socket) => void socket.pipe(socket));
  const flags = ['--kubernetes-config', kube.kubeconfig, '--kubernetes-templates', TEMPLATES, '--sweep-every', '1s'];
  await using world = await ReleaseWorld.open({
    cluster: {
      ...{ workers: 0, gateways: 1, deployers: 1, redisUrl: redis.url, redisPrefix: PREFIX, secret },
      overrides: { deployer: { flags } },
    },
    ...{ sessions: 1, busy: 0 },
  });
  const [member] = world.crowd.members;
  assert.ok(member);
  const tunnel = await EchoTunnel.open(member.proxy, `${HOST}:${target.port}`);
  await tunnel.echoes('before');
  assert.deepEqual(await world.versions(), ['1.0.0']);

  const release = { analyzeMs: 0, provider: { kind: 'kubernetes' } } as const;
  const broken = await DeploymentDriver.start(world.api, { ...release, version: '2.0.0-absent' });
  await broken.ends('rolled_back', DEADLINE_MS);
  assert.match(JSON.stringify(await broken.show()), /ImagePullBackOff; Back-off pulling image/);

  const deployment = await DeploymentDriver.start(world.api, { ...release, version: '2.0.0' });
  await deployment.ends('succeeded', DEADLINE_MS);
  await tunnel.echoes('after');
  tunnel.close();
  assert.deepEqual(await world.versions(), ['2.0.0']);
  assert.equal(kube.pod('culvert-worker-0'), undefined);
  const { totals } = await deployment.receipt();
  assert.equal(totals.connectionsLost, 0);
});

/** What the provider put into the pod; it is all that tells its node who it is. */
function environmentOf(pod: KubeObject): Record<string, string> {
  const given: readonly { readonly name: string; readonly value: string }[] = pod.spec.containers[0].env;
  return Object.fromEntries(given.map(({ name, value }) => [name, value]));
}
