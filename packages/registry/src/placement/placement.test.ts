import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { NodeView } from '../types.ts';
import { Placement, type PlacementWish } from './placement.ts';
import { DEFAULT_POOL, poolsOf } from './pools.ts';
import type { ReserveReply, ReserveRequest } from './reserve.ts';

function node(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ id, boot: 'b', role: 'worker', version: '1', pool: DEFAULT_POOL, host: 'h', pid: 1, admin: 'http://h:1' },
    ...{ proxy: `http://${id}:1`, link: `ws://${id}:1`, capacity: 100, state: 'ready', sessions: 0, connections: 0 },
    ...{ admissionRate: 100, cordoned: false, leaseAgeMs: 0 },
    ...more,
  };
}

type Answer = (request: ReserveRequest) => ReserveReply;

const first: Answer = ({ candidates }) => ({ outcome: 'reserved', node: candidates[0]?.id ?? '', delayMs: 0 });
const always =
  (reply: ReserveReply): Answer =>
  () =>
    reply;

/** A placement among `nodes`, whose reservations are answered by `answer`, and the ids that were asked for each time. */
function placing(nodes: readonly NodeView[], answer: Answer = first, random = () => 0) {
  const asked: string[][] = [];
  const reserve = async (request: ReserveRequest): Promise<ReserveReply> => {
    asked.push(request.candidates.map(({ id }) => id));
    return answer(request);
  };
  const placement = new Placement({ registry: { reserve }, nodes: async () => nodes, random });
  const place = (wish: Partial<PlacementWish> = {}) =>
    placement.place({ sessionId: 's_1', pools: [DEFAULT_POOL], exclude: [], ...wish });
  return { asked, place };
}

/** What `place` rejects with. */
async function refusal(placed: Promise<unknown>): Promise<CulvertError> {
  const error = await placed.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CulvertError);
  return error;
}

describe('whom a placement asks for', () => {
  it('two at random, then the emptiest of up to eight others, then nobody', async () => {
    const nodes = Array.from({ length: 12 }, (_, i) => node(`w${i}`, { sessions: 12 - i }));
    const { asked, place } = placing(nodes, always({ outcome: 'full' }));
    await refusal(place());
    assert.deepEqual(asked, [
      ['w0', 'w1'],
      ['w11', 'w10', 'w9', 'w8', 'w7', 'w6', 'w5', 'w4'],
    ]);
  });

  it('the preferred one alone before, however full; it is not asked for twice', async () => {
    const nodes = [node('empty'), node('advised', { sessions: 99 }), node('other')];
    const taken = placing(nodes);
    assert.equal((await taken.place({ prefer: 'advised' })).worker.id, 'advised');
    assert.deepEqual(taken.asked, [['advised']]);
    const declined = placing(nodes, ({ candidates }) =>
      candidates[0]?.id === 'advised' ? { outcome: 'none' } : first({ candidates } as ReserveRequest),
    );
    assert.equal((await declined.place({ prefer: 'advised' })).worker.id, 'empty');
    assert.deepEqual(declined.asked, [['advised'], ['empty', 'other']]);
  });

  it('never one of no use', async () => {
    const { link: _, ...unreachable } = node('unreachable');
    const useless = [
      ...(['booting', 'cordoned', 'draining', 'empty', 'suspect', 'dead'] as const).map((state) =>
        node(state, { state }),
      ),
      ...[node('gateway', { role: 'gateway' }), node('blue', { pool: 'blue' }), node('full', { sessions: 100 })],
      ...[node('excluded'), unreachable],
    ];
    for (const prefer of [undefined, 'full', 'blue', 'excluded', 'unknown']) {
      const wish = { exclude: ['excluded'], prefer };
      const none = placing(useless);
      assert.equal((await refusal(none.place(wish))).code, 'no_worker_available');
      assert.deepEqual(none.asked, [], String(prefer));
      assert.equal((await placing([...useless, node('good')]).place(wish)).worker.id, 'good');
    }
  });

  it('others each time: placements that see the same old loads do not all meet at the same workers', async () => {
    const nodes = Array.from({ length: 4 }, (_, i) => node(`w${i}`));
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const { asked, place } = placing(nodes, first, random);
    await Promise.all(Array.from({ length: 200 }, () => place()));
    assert.equal(new Set(asked.map(String)).size, 12, 'each pair of four, in each order');
  });

  it('a place says which worker it is on, and when the agent is to dial', async () => {
    const answer = always({ outcome: 'reserved', node: 'w2', delayMs: 40 });
    const { worker, delayMs } = await placing([node('w1'), node('w2')], answer).place();
    assert.deepEqual([worker.id, worker.link, delayMs], ['w2', 'ws://w2:1', 40]);
  });
});

describe('a placement that finds no place', () => {
  const nodes = [node('w1'), node('w2', { pool: 'blue' }), node('w3', { pool: 'green' })];
  const fullIn =
    (...pools: string[]): Answer =>
    (request) =>
      pools.includes(request.pool) ? { outcome: 'full' } : first(request);

  it('waits: says that the pool is full, and when to come again, not all at the same time', async () => {
    const retries = new Set<number | undefined>();
    for (const random of [0, 0.5, 0.99]) {
      const error = await refusal(placing(nodes, fullIn('default'), () => random).place());
      assert.equal(error.code, 'no_worker_available');
      assert.match(error.message, /^Pool default is full/);
      assert.ok((error.retryAfterSeconds ?? 0) >= 2);
      retries.add(error.retryAfterSeconds);
    }
    assert.equal(retries.size, 3);
  });

  it('spills, if the tenant does: to the pools in their order', async () => {
    const pools = poolsOf({ pool: null, spill: ['blue', 'green'] });
    const where = async (...full: string[]) => (await placing(nodes, fullIn(...full)).place({ pools })).worker.id;
    assert.equal(await where(), 'w1');
    assert.equal(await where('default'), 'w2');
    assert.equal(await where('default', 'blue'), 'w3');
    const error = await refusal(placing(nodes, always({ outcome: 'full' })).place({ pools }));
    assert.match(error.message, /^Pools default, blue, green are full/);
    assert.equal(
      (await placing(nodes.slice(1)).place({ pools })).worker.id,
      'w2',
      'a pool without workers has no room',
    );
    const gone = placing(nodes, (request) => (request.pool === 'default' ? { outcome: 'none' } : first(request)));
    assert.equal((await gone.place({ pools })).worker.id, 'w2', 'nor has one whose workers have all just gone');
  });

  it('does not spill for a worker that the agent does not want, nor for one that admits nobody now', async () => {
    const pools = ['default', 'blue'];
    const unwanted = placing(nodes);
    assert.equal((await refusal(unwanted.place({ pools, exclude: ['w1'] }))).code, 'no_worker_available');
    assert.deepEqual(unwanted.asked, []);
    const busy = placing(nodes, always({ outcome: 'overloaded', retryAfterMs: 200 }));
    assert.equal((await refusal(busy.place({ pools }))).code, 'overloaded');
    assert.deepEqual(busy.asked, [['w1']]);
  });

  it('overloaded: after the nearest slot comes into sight, within the horizon, spread over it', async () => {
    const pair = [node('w1'), node('w2'), node('w3')];
    let wait = 0;
    const answer: Answer = () => {
      wait += 1_500;
      return { outcome: 'overloaded', retryAfterMs: wait };
    };
    const retry = async (random: number) => {
      wait = 0;
      return (await refusal(placing(pair, answer, () => random).place())).retryAfterSeconds;
    };
    assert.deepEqual([await retry(0), await retry(0.5), await retry(0.999)], [2, 7, 12]);
  });

  it('fails when the registry does', async () => {
    const away = placing(nodes, () => {
      throw new CulvertError('registry_unavailable');
    });
    assert.equal((await refusal(away.place())).code, 'registry_unavailable');
  });
});
