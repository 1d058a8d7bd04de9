import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Clock, CulvertError } from '@culvert/base';
import { type LookUpOutcome, RouteCache, type RouteSource } from './route-cache.ts';
import type { Hint, Route } from './types.ts';

const route = (epoch: number, sessionId = 's_1'): Route => ({
  sessionId,
  tenantId: 'acme',
  name: null,
  epoch,
  state: 'idle',
  node: { id: `w${epoch}`, boot: 'b_1', link: undefined, proxy: undefined },
});

const AWAY = new CulvertError('registry_unavailable');

/** A source whose answers the test gives one by one, and a clock that it moves. */
function setUp(options: { max?: number; hearing?: boolean } = {}) {
  const asked: PromiseWithResolvers<Route | undefined>[] = [];
  let listener: (hint: Hint) => void = () => undefined;
  let time = 0;
  const source: RouteSource = {
    hearing: options.hearing ?? true,
    route() {
      const answer = Promise.withResolvers<Route | undefined>();
      asked.push(answer);
      return answer.promise;
    },
    onHint(given) {
      listener = given;
      return () => undefined;
    },
  };
  const clock: Clock = { now: () => time, monotonic: () => time, after: () => () => undefined };
  const looked: LookUpOutcome[] = [];
  const limits = { max: options.max ?? 10, ttlMs: 1_000, maxStaleMs: 10_000 };
  const cache = new RouteCache(source, { ...limits, clock, looked: (outcome) => looked.push(outcome) });
  /** Asks the cache, lets the source answer, returns what the cache made of it. */
  const ask = async (answer: Route | undefined | Error, id = 's_1', refresh = false): Promise<Route | undefined> => {
    const result = cache.get(id, { refresh });
    const question = asked.at(-1) ?? assert.fail('the source was not asked');
    if (answer instanceof Error) question.reject(answer);
    else question.resolve(answer);
    return result;
  };
  const pass = (ms: number): void => {
    time += ms;
  };
  return { cache, asked, ask, hint: (hint: Hint) => listener(hint), pass, looked };
}

const moved = (epoch: number, owner: string | null = 'w9'): Hint => ({
  kind: 'session',
  sessionId: 's_1',
  epoch,
  owner,
  agentId: 'a_1',
});

describe('the route cache', () => {
  it('asks once for many who want the same, and again once the answer is old', async () => {
    const { cache, asked, pass } = setUp();
    const many = [cache.get('s_1'), cache.get('s_1'), cache.get('s_1')];
    assert.equal(asked.length, 1);
    asked[0]?.resolve(route(1));
    assert.deepEqual(await Promise.all(many), [route(1), route(1), route(1)]);
    pass(999);
    assert.deepEqual(await cache.get('s_1'), route(1));
    assert.equal(asked.length, 1);
    pass(1);
    void cache.get('s_1');
    assert.equal(asked.length, 2);
  });

  it('tells of each look-up what answered it', async () => {
    const { cache, ask, asked, pass, looked } = setUp();
    const [first, second] = [cache.get('s_1'), cache.get('s_1')];
    asked[0]?.resolve(route(1));
    await Promise.all([first, second]);
    await cache.get('s_1');
    pass(1_000);
    assert.deepEqual(await ask(AWAY), route(1));
    await assert.rejects(ask(AWAY, 's_2'), AWAY);
    assert.deepEqual(looked, ['shared', 'miss', 'hit', 'stale', 'error']);
  });

  it('does not keep "nobody"', async () => {
    const { ask, asked } = setUp();
    assert.equal(await ask(undefined), undefined);
    assert.deepEqual(await ask(route(1)), route(1));
    assert.equal(asked.length, 2);
  });

  it('looks again after a newer hint, not after an older one', async () => {
    const { cache, ask, asked, hint } = setUp();
    await ask(route(5));
    hint(moved(5));
    hint(moved(4));
    await cache.get('s_1');
    assert.equal(asked.length, 1);
    hint(moved(6));
    assert.deepEqual(await ask(route(6)), route(6));
    hint(moved(6, null));
    assert.equal(await ask(undefined), undefined);
    assert.equal(asked.length, 3);
  });

  it('does not keep an answer that a hint overtook', async () => {
    const { cache, ask, asked, hint } = setUp();
    const early = cache.get('s_1');
    hint(moved(6));
    asked[0]?.resolve(route(5));
    await early;
    assert.deepEqual(await ask(route(6)), route(6));
    assert.equal(asked.length, 2);
  });

  it('refresh asks although it knows, and does not join a look-up that began before', async () => {
    const { cache, ask, asked } = setUp();
    await ask(route(5));
    assert.deepEqual(await ask(route(6), 's_1', true), route(6));
    const plain = cache.get('s_2');
    const fresh = [cache.get('s_2', { refresh: true }), cache.get('s_2', { refresh: true })];
    assert.equal(asked.length, 4);
    asked[3]?.resolve(route(8, 's_2'));
    asked[2]?.resolve(route(7, 's_2'));
    assert.equal((await fresh[1])?.epoch, 8);
    await plain;
    assert.equal((await cache.get('s_2'))?.epoch, 8, 'the older answer came last and did not win');
  });

  it('with Redis away: known routes within their bound, errors for the rest', async () => {
    const { ask, hint, pass } = setUp();
    await ask(route(5));
    pass(9_999);
    hint({ kind: 'reset' });
    assert.deepEqual(await ask(AWAY), route(5));
    await assert.rejects(ask(AWAY, 's_1', true), AWAY, 'the owner itself denied it');
    await assert.rejects(ask(AWAY, 's_2'), AWAY);
    pass(1);
    await assert.rejects(ask(AWAY), AWAY);
    const fault = new CulvertError('internal');
    await assert.rejects(ask(fault), fault);
  });

  it('while no hints are heard, nothing is believed without a look-up', async () => {
    const { cache, ask, asked, hint } = setUp();
    await ask(route(5));
    hint({ kind: 'silent' });
    assert.deepEqual(await ask(route(6)), route(6));
    assert.deepEqual(await ask(route(7)), route(7));
    assert.deepEqual(await ask(AWAY), route(7), 'an unverified route is better than an error');
    hint({ kind: 'reset' });
    assert.deepEqual(await ask(route(7)), route(7));
    await cache.get('s_1');
    assert.equal(asked.length, 5);
  });

  it('a cache that begins without hints believes nothing before they come', async () => {
    const { ask, asked } = setUp({ hearing: false });
    await ask(route(5));
    await ask(route(5));
    assert.equal(asked.length, 2);
  });

  it('serves what it knows while the registry is being told again', async () => {
    const { ask, hint } = setUp();
    await ask(route(5));
    hint(moved(5, null));
    assert.deepEqual(await ask(new CulvertError('recovering')), route(5));
  });

  it('keeps no more than its maximum', async () => {
    const { cache, ask } = setUp({ max: 2 });
    for (const id of ['s_1', 's_2', 's_3']) await ask(route(1, id), id);
    assert.equal(cache.size, 2);
  });
});
