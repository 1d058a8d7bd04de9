import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Session } from '@culvert/contracts';
import { freshPage, loadPage, type ShownPage, updatedPage } from './session-pages.ts';

function session(id: string, connections = 0): Session {
  const at = '2026-01-01T00:00:00.000Z';
  const state = connections > 0 ? 'busy' : 'idle';
  return {
    ...{ id, name: null, tenant: 'acme', state, node: 'w1', epoch: 1, connections, bytesIn: 0, bytesOut: 0 },
    ...{ connectedAt: at, changedAt: at, labels: {} },
  };
}

const sessions = (...ids: string[]): Session[] => ids.map((id) => session(id));
const idsOf = ({ rows }: ShownPage): string[] => rows.map((row) => `${row.session.id}${row.left ? ' left' : ''}`);

describe('a page of sessions that is kept up to date', () => {
  it('changes figures in place', () => {
    const page = updatedPage(freshPage(sessions('a', 'b')), { items: [session('a'), session('b', 3)], next: null });
    assert.deepEqual(idsOf(page), ['a', 'b']);
    assert.equal(page.rows[1]?.session.connections, 3);
    assert.equal(page.changes, 0);
  });

  it('moves no row: what is gone stays, marked, and what is new is counted', () => {
    const page = updatedPage(freshPage(sessions('b', 'c', 'd')), { items: sessions('a', 'b', 'd', 'e'), next: null });
    assert.deepEqual(idsOf(page), ['b', 'c left', 'd']);
    assert.equal(page.changes, 3);
    const back = updatedPage(page, { items: sessions('b', 'c', 'd'), next: null });
    assert.deepEqual([idsOf(back), back.changes], [['b', 'c', 'd'], 0]);
  });

  it('takes no session for gone, or new, that only moved over the end of a full page', () => {
    const shown = freshPage(sessions('b', 'c', 'd'));
    const pushedOut = updatedPage(shown, { items: sessions('a', 'b', 'c'), next: 'x' });
    assert.deepEqual([idsOf(pushedOut), pushedOut.changes], [['b', 'c', 'd'], 1]);
    const movedUp = updatedPage(shown, { items: sessions('b', 'd', 'e'), next: 'x' });
    assert.deepEqual([idsOf(movedUp), movedUp.changes], [['b', 'c left', 'd'], 1]);
  });

  it('is filled at once where nothing was, and says so where nothing is the same', () => {
    assert.deepEqual(idsOf(updatedPage(freshPage([]), { items: sessions('a'), next: null })), ['a']);
    const other = updatedPage(freshPage(sessions('a')), { items: sessions('b'), next: 'x' });
    assert.deepEqual([idsOf(other), other.changes], [['a left'], 2]);
  });
});

describe('a page that is read', () => {
  it('goes on where the API looked at many and found none, within bounds', async () => {
    const asked: string[] = [];
    const found = await loadPage(async (cursor) => {
      asked.push(cursor);
      return asked.length < 3 ? { items: [], next: String(asked.length) } : { items: sessions('a'), next: null };
    }, '');
    assert.deepEqual([asked, found.items.length], [['', '1', '2'], 1]);
    const endless = await loadPage(async (cursor) => ({ items: [], next: `${cursor}x` }), '');
    assert.deepEqual(endless, { items: [], next: 'xxxxxxxxxx' });
  });
});
