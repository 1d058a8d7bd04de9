import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { Blocker, ClusterNode } from '@culvert/contracts';
import type { ApiRequest } from '@culvert/local';
import { cordonedNode as begun, directBlocker as blocker } from '../testing/drain-fixtures.ts';
import { type DrainState, type FollowOptions, followDrain } from './follow.ts';

type Look = Partial<ClusterNode> | CulvertError | 'hangs';

const down = new CulvertError('registry_unavailable');
const absent = new CulvertError('node_not_found');

/** An API that answers one look at the node after the other, the last one for ever; blockers as `tell` gives them. */
function scripted(looks: readonly Look[], tell: (look: number) => readonly Blocker[] = () => []) {
  let at = 0;
  return {
    async call<T>(_method: string, path: string, { signal }: ApiRequest = {}): Promise<T> {
      if (path === '/nodes/w1/blockers') return { items: tell(at - 1), next: null } as T;
      assert.equal(path, '/nodes/w1');
      const look = looks[Math.min(at, looks.length - 1)] ?? {};
      at += 1;
      if (look instanceof CulvertError) throw look;
      if (look !== 'hangs') return { ...begun, ...look } as T;
      const { promise, reject } = Promise.withResolvers<T>();
      signal?.addEventListener('abort', () => reject(new CulvertError('node_unreachable', 'no answer')));
      return promise;
    },
  };
}

function follow(looks: readonly Look[], options: Partial<FollowOptions> = {}) {
  return followDrain(scripted(looks), begun, { deadlineMs: 10_000, pollMs: 1, ...options });
}

describe('following a drain', () => {
  it('tells what is left, and ends when the worker says that it is empty', async () => {
    const states: DrainState[] = [];
    const looks = [{}, { state: 'draining', sessions: 1 }, { state: 'draining', sessions: 0 }, { state: 'empty' }];
    const api = scripted(looks, (look) => (look === 1 ? [blocker] : []));
    const onState = (state: DrainState): void => void states.push(state);
    const end = await followDrain(api, begun, { deadlineMs: 10_000, pollMs: 1, onState });
    assert.deepEqual([end.outcome, end.node.state, end.blockers], ['empty', 'empty', []]);
    assert.deepEqual(
      states.map(({ node, blockers }) => [node.state, node.sessions, blockers.length]),
      [
        ['cordoned', 3, 0],
        ['draining', 1, 1],
        ['draining', 0, 0],
      ],
    );
  });

  it('ends when there is nothing to wait for any more', async () => {
    const outcome = async (...looks: Look[]) => (await follow(looks)).outcome;
    assert.equal(await outcome({}, { state: 'ready', cordoned: false }), 'uncordoned');
    assert.equal(await outcome({}, { state: 'dead' }), 'dead');
    assert.equal(await outcome({}, { boot: 'b2' }), 'restarted');
    assert.equal(await outcome({}, { boot: 'b2', state: 'draining' }, { boot: 'b2', state: 'empty' }), 'empty');
    const left = await follow([{ sessions: 2 }, absent]);
    assert.deepEqual([left.outcome, left.node.sessions], ['left', 2]);
  });

  it('goes on over what passes: an API without Redis, a registry that lost its data, a worker that is slow', async () => {
    const looks: Look[] = [{}, down, new CulvertError('node_unreachable'), absent, absent, {}, { state: 'empty' }];
    assert.equal((await follow(looks)).outcome, 'empty');
    const api = scripted([{}, { sessions: 2 }], (look) => {
      if (look === 0) return [blocker];
      throw new CulvertError('node_unreachable');
    });
    const end = await followDrain(api, begun, { deadlineMs: 50, pollMs: 1 });
    assert.deepEqual([end.outcome, end.node.sessions, end.blockers], ['late', 2, [blocker]]);
  });

  it('takes a node for gone only after being told so many times in a row', async () => {
    const absences = Array.from({ length: 11 }, () => absent);
    for (const between of [down, {}]) {
      const end = await follow([...absences, between, ...absences, { state: 'empty' }]);
      assert.equal(end.outcome, 'empty');
    }
    assert.equal((await follow([...absences, absent, { state: 'empty' }])).outcome, 'left');
  });

  it('rejects with what does not pass', async () => {
    await assert.rejects(follow([{}, new CulvertError('key_revoked')]), { code: 'key_revoked' });
    await assert.rejects(follow([{}, new CulvertError('forbidden')]), { code: 'forbidden' });
  });

  it('ends at its deadline, also in the middle of a call, with what it saw last', async () => {
    const waiting = await follow([{ state: 'draining', sessions: 1 }], { deadlineMs: 30 });
    assert.deepEqual([waiting.outcome, waiting.node.sessions, waiting.failure], ['late', 1, undefined]);
    const blind = await follow([{ sessions: 1 }, down], { deadlineMs: 30 });
    assert.deepEqual([blind.node.sessions, blind.failure], [1, down]);
    const sighted = await follow([down, { sessions: 1 }], { deadlineMs: 30 });
    assert.deepEqual([sighted.node.sessions, sighted.failure], [1, undefined]);
    const sleeping = await follow([{ sessions: 1 }], { deadlineMs: 30, pollMs: 60_000 });
    assert.deepEqual([sleeping.outcome, sleeping.failure], ['late', undefined]);
    const hanging = await follow([{ sessions: 1 }, 'hangs'], { deadlineMs: 30 });
    assert.deepEqual([hanging.outcome, hanging.node.sessions], ['late', 1]);
    assert.equal(hanging.failure?.code, 'node_unreachable');
  });
});
