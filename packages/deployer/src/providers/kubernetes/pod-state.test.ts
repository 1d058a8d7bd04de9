import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { endOf, nodeOf, viewOf } from './pod-state.ts';

const NOW_MS = Date.parse('2026-01-01T00:01:00Z');

function pod(status: V1PodStatus, more: object = {}): V1Pod {
  const labels = { 'culvert.dev/role': 'worker' };
  const containers = [{ name: 'culvert', image: 'registry.example:5000/culvert:1.0.0' }];
  return { metadata: { name: 'w-1', uid: 'u-1', labels, ...more }, spec: { containers }, status };
}
function told(status: V1PodStatus, more: object = {}): string {
  const view = viewOf(pod(status, more));
  assert.ok(view);
  const { state, exit } = nodeOf(view, NOW_MS);
  return exit === null ? state : `${state}: ${exit}`;
}
const container = (state: object, more: object = {}) => ({
  ...{ name: 'culvert', image: '', imageID: '', ready: false, restartCount: 0 },
  ...{ state, ...more },
});
const unscheduled = (lastTransitionTime: string): V1PodStatus => ({
  phase: 'Pending',
  conditions: [
    // As a watch tells it: not made a Date of.
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/3 nodes',
      lastTransitionTime,
    } as never,
  ],
});

describe('what a pod says of its node', () => {
  it('follows its phase and its container', () => {
    assert.equal(told({ phase: 'Pending' }), 'starting');
    assert.equal(told({ phase: 'Running', containerStatuses: [container({ running: {} })] }), 'running');
    assert.equal(told({ phase: 'Running' }, { deletionTimestamp: new Date() }), 'stopping');
    const terminated = { exitCode: 137, reason: 'OOMKilled' };
    const failed = { phase: 'Failed', containerStatuses: [container({ terminated })] };
    assert.equal(told(failed), 'exited: exit code 137 (SIGKILL): OOMKilled');
    assert.equal(
      told({ phase: 'Failed', reason: 'Evicted', message: 'disk pressure' }),
      'exited: Evicted: disk pressure',
    );
    // Between two starts a kubelet is about to start it again.
    assert.equal(told({ phase: 'Running', containerStatuses: [container({ terminated })] }), 'starting');
  });

  it('counts as ended what waits for something that does not come', () => {
    const waits = (reason: string) =>
      told({ phase: 'Pending', containerStatuses: [container({ waiting: { reason, message: 'why' } })] });
    assert.equal(waits('ContainerCreating'), 'starting');
    assert.equal(waits('ErrImagePull'), 'starting');
    assert.equal(waits('ImagePullBackOff'), 'exited: ImagePullBackOff; why');
    assert.equal(waits('CreateContainerConfigError'), 'exited: CreateContainerConfigError; why');
    const init = { phase: 'Pending', initContainerStatuses: [container({ waiting: { reason: 'InvalidImageName' } })] };
    assert.equal(told(init), 'exited: InvalidImageName');
  });

  it('gives an autoscaler time to bring a machine, and not for ever', () => {
    assert.equal(told(unscheduled('2026-01-01T00:00:30Z')), 'starting');
    assert.equal(told(unscheduled('2026-01-01T00:00:10Z')), 'exited: no machine takes it: 0/3 nodes');
  });

  it('knows the version by annotation, label, or image, and what is no node of ours', () => {
    const version = (metadata: object) => viewOf(pod({ phase: 'Running' }, metadata))?.version;
    assert.equal(version({}), '1.0.0');
    const labels = { 'culvert.dev/role': 'worker', 'culvert.dev/version': '2.0.0' };
    assert.equal(version({ labels }), '2.0.0');
    assert.equal(version({ labels, annotations: { 'culvert.dev/version': '3.0.0' } }), '3.0.0');
    assert.equal(viewOf(pod({}, { labels: { 'culvert.dev/role': 'cook' } })), undefined);
    assert.equal(viewOf(pod({}, { labels: {} })), undefined);
  });

  it('remembers how one ended, and nothing of one that runs', () => {
    assert.equal(endOf(pod({ containerStatuses: [container({ running: {} })] })), undefined);
    const lastState = { terminated: { exitCode: 3, reason: 'Error' } };
    assert.equal(endOf(pod({ containerStatuses: [container({ waiting: {} }, { lastState })] })), 'exit code 3');
  });
});
