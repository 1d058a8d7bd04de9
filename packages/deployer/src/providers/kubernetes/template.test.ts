import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { LaunchRequest } from '../provider.ts';
import { isPodName } from './names.ts';
import { podOf, readTemplate } from './template.ts';

const request: LaunchRequest = {
  ...{ id: 'worker-1.k3f9', role: 'worker', pool: 'acme', version: '2.0.0', replaces: 'worker-1', cordoned: true },
  ...{ choice: { kind: 'kubernetes' }, deployment: 'd_7f3k', fence: 7 },
};
const owner = { name: 'culvert-node-templates-ledger', uid: 'u-9', instance: 'blue' };
const text = JSON.stringify({
  metadata: {
    labels: { team: 'net', 'app.kubernetes.io/instance': 'x' },
    annotations: { 'culvert.dev/replicas': '3', note: '{node}' },
  },
  spec: {
    nodeSelector: { pool: '{pool}' },
    containers: [
      { name: 'sidecar', image: 'registry.example/sidecar:1' },
      {
        ...{ name: 'culvert', image: 'registry.example/culvert:{version}', args: ['worker', '--x={unknown}'] },
        env: [
          { name: 'CULVERT_POOL', value: 'no' },
          { name: 'CULVERT_REDIS_URL', value: 'redis://r' },
        ],
      },
    ],
  },
});

const refused = (act: () => unknown, words: RegExp): void =>
  assert.throws(
    act,
    (error) => error instanceof CulvertError && error.code === 'provider_failed' && words.test(error.message),
  );

describe('pod template', () => {
  it('becomes the pod of one node: its image, its environment, its labels, its owner', () => {
    const { metadata, spec } = podOf(readTemplate('t', 'worker.acme.json', text), request, owner);
    assert.equal(metadata?.name, 'worker-1.k3f9');
    assert.deepEqual(metadata.labels, {
      ...{ team: 'net', 'app.kubernetes.io/instance': 'blue', 'app.kubernetes.io/managed-by': 'culvert-deployer' },
      ...{ 'culvert.dev/role': 'worker', 'culvert.dev/pool': 'acme', 'culvert.dev/node': 'worker-1.k3f9' },
      ...{ 'culvert.dev/version': '2.0.0', 'culvert.dev/deployment': 'd_7f3k' },
    });
    assert.deepEqual(metadata.annotations, {
      note: 'worker-1.k3f9',
      ...{ 'culvert.dev/version': '2.0.0', 'culvert.dev/deployment': 'd_7f3k', 'culvert.dev/fence': '7' },
    });
    assert.deepEqual(metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: 'u-9' }]);
    const [sidecar, own] = spec?.containers ?? [];
    assert.deepEqual(sidecar, { name: 'sidecar', image: 'registry.example/sidecar:1' });
    assert.equal(own?.image, 'registry.example/culvert:2.0.0');
    assert.deepEqual(own.args, ['worker', '--x={unknown}']);
    assert.deepEqual(spec?.nodeSelector, { pool: 'acme' });
    assert.deepEqual(Object.fromEntries((own.env ?? []).map(({ name, value }) => [name, value])), {
      ...{ CULVERT_REDIS_URL: 'redis://r', CULVERT_NODE_ID: 'worker-1.k3f9', CULVERT_VERSION: '2.0.0' },
      ...{ CULVERT_POOL: 'acme', CULVERT_CORDONED: 'true' },
    });
  });

  it('is refused in words', () => {
    refused(() => readTemplate('t', 'worker.acme.json', undefined), /ConfigMap t has no worker\.acme\.json/);
    refused(() => readTemplate('t', 'k', '{'), /k of the ConfigMap t is no JSON/);
    refused(() => readTemplate('t', 'k', '{"spec":{"containers":[]}}'), /no pod template: \/spec\/containers/);
    refused(
      () => podOf(readTemplate('t', 'k', text), { ...request, version: '2.0.0+x' }, owner),
      /2\.0\.0\+x can't be an image's tag/,
    );
  });

  it('names pods as DNS does', () => {
    assert.deepEqual(['worker-1.k3f9', 'a', `${'a'.repeat(63)}`].map(isPodName), [true, true, true]);
    assert.deepEqual(['Worker-1', 'a_b', 'a..b', '-a', `${'a'.repeat(64)}`, ''].map(isPodName), [
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
