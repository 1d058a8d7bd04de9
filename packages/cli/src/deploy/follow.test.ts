import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { Deployment, DeploymentReason } from '@culvert/contracts';
import { busySessions, deployment } from '../testing/deployment-fixtures.ts';
import { followDeployment, type Look } from './follow.ts';

type Seen = Partial<Deployment> | CulvertError;

const down = new CulvertError('api_unreachable', 'no answer');
const absent = new CulvertError('deployment_not_found');

/** Follows an API that answers one look after the other, the last one for ever; a second passes between two looks. */
async function follow(seen: readonly Seen[], reasons: (at: number) => readonly DeploymentReason[] = () => []) {
  let at = -1;
  const api = {
    async call<T>(_method: string, path: string): Promise<T> {
      if (path === '/deployments/d_1/why') return { reasons: reasons(at) } as T;
      assert.equal(path, '/deployments/d_1');
      at += 1;
      const one = seen[Math.min(at, seen.length - 1)] ?? {};
      if (one instanceof CulvertError) throw one;
      return deployment(one) as T;
    },
  };
  const looks: Look[] = [];
  let ms = 0;
  const options = { signal: AbortSignal.timeout(10_000), pollMs: 0, now: () => (ms += 500) };
  for await (const look of followDeployment(api, deployment(), options)) looks.push(look);
  return looks;
}

describe('following a deployment', () => {
  it('ends with the look at which it is over', async () => {
    const looks = await follow([{ revision: 8 }, { state: 'paused' }, {}, { state: 'succeeded' }]);
    assert.deepEqual(
      looks.map((look) => look.deployment.state),
      ['running', 'running', 'paused', 'running', 'succeeded'],
    );
  });

  it('names what it waits for once that has taken a while, also when its words change', async () => {
    const waits = (at: number) => [
      busySessions({ condition: `${9 - at} sessions`, ...(at === 5 ? { code: 'other' } : {}) }),
    ];
    const running = Array.from({ length: 10 }, () => ({}));
    const looks = await follow([...running, { state: 'succeeded' }], waits);
    assert.deepEqual(
      looks.map(({ reasons }) => reasons.map(({ condition }) => condition).join()),
      // A second between two looks, three of them before it is worth a word.
      ['', '', '', '', '6 sessions', '5 sessions', '', '', '', '', '0 sessions', ''],
    );
  });

  it('tells what the others wait for, not that they come first', async () => {
    const turn = busySessions({ node: 'worker-2', code: 'turn' });
    const running = Array.from({ length: 5 }, () => ({}));
    const named = async (...reasons: DeploymentReason[]) =>
      (await follow([...running, { state: 'succeeded' }], () => reasons))[5]?.reasons.map(({ code }) => code);
    assert.deepEqual(await named(turn, busySessions()), ['busy_sessions']);
    assert.deepEqual(await named(turn), ['turn']);
  });

  it('goes on over what passes, and says so meanwhile', async () => {
    const looks = await follow([down, absent, new CulvertError('recovering'), {}, { state: 'aborted' }]);
    assert.deepEqual(
      looks.map(({ failure, deployment: { state } }) => failure?.code ?? state),
      ['running', 'api_unreachable', 'deployment_not_found', 'recovering', 'running', 'aborted'],
    );
  });

  it('rejects with what does not pass, and with a deployment that stays away', async () => {
    await assert.rejects(follow([{}, new CulvertError('key_revoked')]), { code: 'key_revoked' });
    await assert.rejects(follow([{}, absent]), { code: 'deployment_not_found' });
  });

  it('ends without an error when it is told to, also in the middle of a pause', async () => {
    const api = { call: () => Promise.reject(down) };
    const signal = AbortSignal.timeout(20);
    const looks: Look[] = [];
    for await (const look of followDeployment(api, deployment(), { signal, pollMs: 60_000 })) looks.push(look);
    assert.equal(looks.length, 1);
  });
});
