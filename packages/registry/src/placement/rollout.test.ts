import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { Rollout } from '../deployments/types.ts';
import type { Hint, NodeView } from '../types.ts';
import { Placement, type PlacementWish } from './placement.ts';
import type { ReserveReply, ReserveRequest } from './reserve.ts';
import { isChosen, RolloutWatch } from './rollout.ts';

const canary = (more: Partial<Rollout> = {}): Rollout => ({
  ...{ deployment: 'd_1', pool: 'default', nodes: ['new1', 'new2'], percent: 10, tenants: [] },
  ...more,
});
const ids = Array.from({ length: 20_000 }, (_, i) => `s_${i.toString(36).padStart(8, '0')}`);
const idOf = (chosen: boolean): string => ids.find((id) => isChosen(canary(), id, undefined) === chosen) ?? '';

describe('who is chosen for a canary', () => {
  it('is the share that was asked for, within what chance does', () => {
    for (const percent of [0, 1, 10, 50, 99, 100]) {
      const share = ids.filter((id) => isChosen(canary({ percent }), id, 'acme')).length / ids.length;
      // Four standard deviations of 20,000 draws.
      const margin = 4 * Math.sqrt(((percent / 100) * (1 - percent / 100)) / ids.length);
      assert.ok(Math.abs(share - percent / 100) <= margin, `${percent} %: ${share}`);
    }
  });

  it('is the same at each attempt, stays chosen when the share grows, and others are in another deployment', () => {
    const ten = ids.filter((id) => isChosen(canary(), id, undefined));
    assert.deepEqual(
      ten.filter((id) => isChosen(canary(), id, undefined)),
      ten,
    );
    assert.ok(ten.every((id) => isChosen(canary({ percent: 11 }), id, undefined)));
    const again = ten.filter((id) => isChosen(canary({ deployment: 'd_2' }), id, undefined)).length;
    assert.ok(again < ten.length / 5, `${again} of ${ten.length} once more`);
    assert.deepEqual(
      ids.slice(0, 40).filter((id) => isChosen(canary(), id, undefined)),
      ['s_00000003', 's_0000000h', 's_0000000j', 's_0000000k'],
    );
  });

  it('all of a tenant that was named, and with no percent nobody else', () => {
    const named = canary({ percent: 0, tenants: ['acme'] });
    assert.ok(ids.every((id) => isChosen(named, id, 'acme')));
    assert.ok(!ids.some((id) => isChosen(named, id, 'other') || isChosen(named, id, undefined)));
  });
});

function node(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ id, boot: 'b', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: 'http://h:1' },
    ...{ proxy: `http://${id}:1`, link: `ws://${id}:1`, capacity: 100, state: 'ready', sessions: 0, connections: 0 },
    ...{ admissionRate: 100, cordoned: false, leaseAgeMs: 0 },
    ...more,
  };
}

/** Where a session is placed while `rollout` is in force; `refusals`: what workers answer instead of a place. */
async function placed(
  wish: Partial<PlacementWish>,
  {
    nodes = cluster,
    rollout = canary(),
    refusals = {},
  }: Partial<{
    nodes: NodeView[];
    rollout: Rollout | null;
    refusals: Record<string, Exclude<ReserveReply, { outcome: 'reserved' }>>;
  }> = {},
): Promise<string> {
  const reserve = async ({ candidates }: ReserveRequest): Promise<ReserveReply> => {
    const taking = candidates.find(({ id }) => refusals[id] === undefined);
    if (taking) return { outcome: 'reserved', node: taking.id, delayMs: 0 };
    return refusals[candidates[0]?.id ?? ''] ?? { outcome: 'none' };
  };
  const placement = new Placement({ registry: { reserve }, nodes: async () => nodes, rollout: async () => rollout });
  try {
    const { worker } = await placement.place({ sessionId: 's_1', pools: ['default'], exclude: [], ...wish });
    return worker.id;
  } catch (error) {
    assert.ok(error instanceof CulvertError);
    return error.code;
  }
}

const cluster = ['old1', 'old2', 'old3', 'new1', 'new2'].map((id) => node(id));
const isNew = (id: string): boolean => id.startsWith('new');
const overloaded = { outcome: 'overloaded', retryAfterMs: 100 } as const;

describe('placement while a canary is watched', () => {
  const chosen = { sessionId: idOf(true) };
  const other = { sessionId: idOf(false) };

  it('sends those that are chosen to the new workers, and nobody else', async () => {
    for (const sessionId of ids.slice(0, 500)) {
      assert.equal(isNew(await placed({ sessionId })), isChosen(canary(), sessionId, undefined), sessionId);
    }
    const named = canary({ percent: 0, tenants: ['acme'] });
    assert.ok(isNew(await placed({ tenant: 'acme' }, { rollout: named })));
    assert.ok(!isNew(await placed({ tenant: 'other' }, { rollout: named })));
  });

  it('sends those elsewhere for whom the new ones have no room, or no slot', async () => {
    const full = cluster.map((each) => (isNew(each.id) ? { ...each, sessions: 100 } : each));
    assert.ok(!isNew(await placed(chosen, { nodes: full })));
    assert.ok(!isNew(await placed(chosen, { refusals: { new1: overloaded, new2: overloaded } })));
    assert.ok(!isNew(await placed({ ...chosen, exclude: ['new1', 'new2'] })));
  });

  it('sends others to the new ones only where nothing else has room; for a slot they wait', async () => {
    const fullOnes = cluster.map((each) => (isNew(each.id) ? each : { ...each, sessions: 100 }));
    assert.ok(isNew(await placed(other, { nodes: cluster.filter(({ id }) => isNew(id)) })));
    assert.ok(isNew(await placed(other, { nodes: fullOnes })));
    const refusals = { old1: overloaded, old2: overloaded, old3: overloaded };
    assert.equal(await placed(other, { refusals }), 'overloaded');
  });

  it('lets those go where they were sent, whoever was chosen', async () => {
    assert.equal(await placed({ ...other, prefer: 'new2' }), 'new2');
    assert.equal(await placed({ ...chosen, prefer: 'old2' }), 'old2');
    const refusals = { old2: { outcome: 'none' } as const };
    assert.ok(isNew(await placed({ ...chosen, prefer: 'old2' }, { refusals })));
  });

  it('does not touch other pools', async () => {
    const rollout = canary({ pool: 'blue', percent: 100 });
    const nodes = [node('old1'), node('new1', { sessions: 99 }), node('blue1', { pool: 'blue' })];
    assert.equal(await placed({}, { nodes: nodes.slice(0, 1), rollout }), 'old1');
    const refusals = { old1: { outcome: 'none' } as const };
    assert.equal(await placed({}, { nodes, rollout, refusals }), 'new1', 'one pool, as if there were no canary');
  });
});

describe('the rollout an API remembers', () => {
  function setUp() {
    let nowMs = 0;
    const reads: PromiseWithResolvers<Rollout | null>[] = [];
    let hear: (hint: Hint) => void = () => undefined;
    const watch = new RolloutWatch({
      read: () => {
        const read = Promise.withResolvers<Rollout | null>();
        reads.push(read);
        return read.promise;
      },
      onHint: (listener) => {
        hear = listener;
        return () => undefined;
      },
      clock: { now: () => nowMs, monotonic: () => nowMs, after: () => () => undefined },
    });
    const pass = (ms: number): void => {
      nowMs += ms;
    };
    return { watch, reads, pass, hear: (hint: Hint) => hear(hint) };
  }

  it('is asked for once by many, and again after a second', async () => {
    const { watch, reads, pass } = setUp();
    const asked = Promise.all([watch.current(), watch.current()]);
    reads[0]?.resolve(canary());
    assert.deepEqual(await asked, [canary(), canary()]);
    pass(999);
    assert.deepEqual([await watch.current(), reads.length], [canary(), 1]);
    pass(1);
    const later = watch.current();
    reads[1]?.resolve(null);
    assert.deepEqual([await later, await watch.current(), reads.length], [null, null, 2]);
  });

  it('is asked for again after a hint, also one that came while it was asked for', async () => {
    const { watch, reads, hear } = setUp();
    const early = watch.current();
    hear({ kind: 'deployment', id: 'd_1' });
    const late = watch.current();
    reads[1]?.resolve(canary());
    reads[0]?.resolve(null);
    assert.deepEqual([await early, await late, await watch.current()], [null, canary(), canary()]);
    hear({ kind: 'reset' });
    const last = watch.current();
    reads[2]?.resolve(null);
    assert.equal(await last, null);
  });

  it('that cannot be read is no answer, and asked for again', async () => {
    const { watch, reads } = setUp();
    const refused = watch.current();
    reads[0]?.reject(new CulvertError('registry_unavailable'));
    await assert.rejects(refused, { code: 'registry_unavailable' });
    const again = watch.current();
    reads[1]?.resolve(canary());
    assert.deepEqual(await again, canary());
  });
});
