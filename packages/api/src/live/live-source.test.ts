import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { silentLogger } from '@culvert/base';
import type { Registry } from '@culvert/registry';
import { TestApi } from '../testing/start-api.ts';
import { type LiveRegistry, LiveSource } from './live-source.ts';

const DEADLINE_MS = 10_000;

/** A registry whose reads of the nodes are counted. */
function counting(registry: Registry): { readonly reader: LiveRegistry; readonly reads: () => number } {
  let reads = 0;
  const listNodes = (): ReturnType<Registry['listNodes']> => {
    reads += 1;
    return registry.listNodes();
  };
  const reader: LiveRegistry = {
    listNodes,
    status: () => registry.status(),
    deployments: registry.deployments,
    get unavailableReason() {
      return registry.unavailableReason;
    },
    onHint: (listener) => registry.onHint(listener),
    onAvailability: (listener) => registry.onAvailability(listener),
  };
  return { reader, reads: () => reads };
}

/** What a watcher was told; `next` waits for one more. */
class Watcher {
  readonly frames: string[] = [];
  #told = Promise.withResolvers<void>();

  readonly listen = (frame: string): void => {
    this.frames.push(frame);
    this.#told.resolve();
    this.#told = Promise.withResolvers();
  };

  async next(): Promise<string> {
    const late = setTimeout(DEADLINE_MS, 'late', { ref: false });
    if ((await Promise.race([this.#told.promise, late])) === 'late') throw new Error('nothing was told within 10 s');
    return this.frames.at(-1) ?? '';
  }
}

describe('the one reader of the cluster', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
  });
  after(() => api[Symbol.asyncDispose]());

  function setUp() {
    const { reader, reads } = counting(api.registry);
    return { reads, source: new LiveSource({ registry: reader, now: Date.now, logger: silentLogger }) };
  }

  it('tells all who watch the same text, and one who comes later the last of it at once', async () => {
    const world = setUp();
    const [one, other, late] = [new Watcher(), new Watcher(), new Watcher()];
    const ends = [world.source.watch(one.listen), world.source.watch(other.listen)];
    await one.next();
    ends.push(world.source.watch(late.listen));
    assert.deepEqual(late.frames, one.frames.slice(-1));
    await one.next();
    assert.deepEqual(other.frames, one.frames);
    assert.match(one.frames[0] ?? '', /^event: cluster\ndata: \{.*\}\n\n$/);
    assert.equal(world.reads(), one.frames.length, 'one read for all');
    for (const end of ends) end();
  });

  it('reads nothing while nobody watches', async () => {
    const world = setUp();
    assert.equal(world.source.watched, false);
    const first = new Watcher();
    const end = world.source.watch(first.listen);
    await first.next();
    end();
    end();
    assert.equal(world.source.watched, false);
    const [reads, told] = [world.reads(), first.frames.length];
    await setTimeout(1_300); // longer than between two reads
    assert.deepEqual([world.reads(), first.frames.length], [reads, told]);
    const again = new Watcher();
    const over = world.source.watch(again.listen);
    await again.next();
    assert.equal(world.reads(), reads + 1);
    over();
  });

  it('reads soon after a change, but no more than four times a second whatever happens', async () => {
    const world = setUp();
    await api.node('w1');
    const watcher = new Watcher();
    const end = world.source.watch(watcher.listen);
    await watcher.next();
    const began = performance.now();
    const before = world.reads();
    for (let i = 0; i < 60; i += 1) {
      await api.registry.setCordoned('w1', i % 2 === 0);
      await setTimeout(10);
    }
    const tookMs = performance.now() - began;
    const reads = world.reads() - before;
    assert.ok(reads <= tookMs / 250 + 1, `${reads} reads in ${tookMs} ms`);
    assert.ok(reads >= 2, `${reads} reads: a change was not waited out`);
    end();
  });

  it('asked for one picture by many at once, reads once', async () => {
    const world = setUp();
    await Promise.all([1, 2, 3].map(() => world.source.picture()));
    assert.equal(world.reads(), 1);
  });

  it('is empty, and says why, when Redis was never there; and tells nobody the same again and again', async () => {
    const world = setUp();
    const watcher = new Watcher();
    api.redis.freeze();
    const { cluster, nodes } = await world.source.picture();
    assert.deepEqual([cluster.nodes, nodes, cluster.registry.available], [[], [], false]);
    assert.match(cluster.registry.reason ?? '', /\S/);
    const end = world.source.watch(watcher.listen);
    const began = world.reads();
    while (world.reads() < began + 3) await setTimeout(50);
    api.redis.thaw();
    assert.equal(new Set(watcher.frames).size, watcher.frames.length);
    end();
  });
});
