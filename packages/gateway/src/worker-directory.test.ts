import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, CulvertError } from '@culvert/base';
import type { NodeView } from '@culvert/registry';
import { WorkerDirectory } from './worker-directory.ts';

const worker: NodeView = {
  id: 'w1',
  boot: 'b1',
  role: 'worker',
  version: '1',
  pool: 'default',
  host: 'here',
  pid: 1,
  link: 'ws://127.0.0.1:7',
  admin: 'http://127.0.0.1:8',
  capacity: 10,
  admissionRate: 100,
  state: 'ready',
  sessions: 0,
  connections: 0,
  cordoned: false,
  leaseAgeMs: 0,
};

function setUp(answers: (NodeView | undefined | CulvertError)[]) {
  let now = 0;
  let asked = 0;
  const clock: Clock = { now: () => now, monotonic: () => now, after: () => () => undefined };
  const directory = new WorkerDirectory({
    clock,
    getNode: async () => {
      asked += 1;
      const answer = answers.shift();
      if (answer instanceof CulvertError) throw answer;
      return answer;
    },
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { directory, pass, asked: () => asked };
}

describe('WorkerDirectory', () => {
  it('shares a look-up, keeps it for a moment, then asks again', async () => {
    const { directory, pass, asked } = setUp([worker, { ...worker, link: 'ws://127.0.0.1:9' }]);
    assert.deepEqual(await Promise.all([directory.linkOf('w1'), directory.linkOf('w1')]), Array(2).fill(worker.link));
    pass(1_999);
    assert.equal(await directory.linkOf('w1'), worker.link);
    assert.equal(asked(), 1);
    pass(1);
    assert.equal(await directory.linkOf('w1'), 'ws://127.0.0.1:9');
  });

  it('knows live workers only', async () => {
    for (const node of [undefined, { ...worker, state: 'dead' as const }, { ...worker, role: 'gateway' as const }]) {
      assert.equal(await setUp([node]).directory.linkOf('w1'), undefined);
    }
  });

  it('does not keep a failure', async () => {
    const { directory } = setUp([new CulvertError('registry_unavailable'), worker]);
    await assert.rejects(directory.linkOf('w1'), { code: 'registry_unavailable' });
    assert.equal(await directory.linkOf('w1'), worker.link);
  });
});
