import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { addEdgeAdminRoutes } from './edge-admin.ts';
import { ReattachLog, type Reattachment } from './reattach-log.ts';

const reattachment = (connection: string): Reattachment => ({
  ...{ session: 's_1', connection, from: 'w1', to: 'w2', why: 'draining' },
  ...{ outcome: 'resumed', code: null, gapMs: 12, replayedBytes: 34 },
});

function filled(kept: number, count: number): ReattachLog {
  const log = new ReattachLog({ kept, now: () => Date.UTC(2026, 0, 1) });
  for (let i = 1; i <= count; i += 1) log.add(reattachment(`c_${i}`));
  return log;
}

describe('log of connections that lost their path', () => {
  it('tells what was added behind a record, the oldest first, with its time', () => {
    const { next, gap, items } = filled(10, 3).since(1);
    assert.deepEqual(
      [next, gap, items.map(({ seq, connection }) => [seq, connection])],
      [
        3,
        false,
        [
          [2, 'c_2'],
          [3, 'c_3'],
        ],
      ],
    );
    assert.deepEqual(items[0], { seq: 2, at: '2026-01-01T00:00:00.000Z', ...reattachment('c_2') });
  });

  it('keeps the last ones, and says when some of what was asked for are gone', () => {
    const log = filled(3, 7);
    for (const [after, gap, seqs] of [
      [0, true, [5, 6, 7]],
      [3, true, [5, 6, 7]],
      [4, false, [5, 6, 7]],
      [6, false, [7]],
      [7, false, []],
      [99, false, []],
    ] as const) {
      const told = log.since(after);
      assert.deepEqual([told.next, told.gap, told.items.map(({ seq }) => seq)], [7, gap, seqs], `after ${after}`);
    }
    assert.deepEqual(filled(3, 0).since(0), { next: 0, gap: false, items: [] });
  });
});

describe('endpoints of an edge', () => {
  const answers = new Map<string, (request: { query: unknown }) => unknown>();
  const links = { streams: () => new Map([['w1', 3], ['w2', 0]]) }; // biome-ignore format: a table
  addEdgeAdminRoutes(
    { get: (path, answer) => answers.set(path, answer) },
    { links, reattacher: { detached: 2 }, log: filled(10, 2), boot: 'b1' },
  );
  const get = (path: string, query: unknown = {}) => answers.get(path)?.({ query }) as Record<string, unknown>;

  it('GET /links tells streams by worker, and how many have no path', () => {
    assert.deepEqual(get('/links'), {
      items: [
        { node: 'w1', streams: 3 },
        { node: 'w2', streams: 0 },
      ],
      detached: 2,
    });
  });

  it('GET /reattached tells what is behind a record, or all, and under which boot', () => {
    assert.equal((get('/reattached').items as unknown[]).length, 2);
    const { boot, items } = get('/reattached', { after: '1' });
    assert.deepEqual([boot, (items as { seq: number }[]).map(({ seq }) => seq)], ['b1', [2]]);
  });

  it('refuses a position that is none', () => {
    const isInvalid = (error: unknown) => error instanceof CulvertError && error.code === 'invalid_request';
    for (const after of ['-1', 'x', '1.5', '', ['1', '2']])
      assert.throws(() => get('/reattached', { after }), isInvalid);
  });
});
