import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { About } from '@culvert/contracts';
import { externalLinks, inOrder, registryWords, withoutIds } from './about-words.ts';

function process(id: string, role: 'worker' | 'api', level: 'ok' | 'warn' | 'bad'): About['processes'][number] {
  const where = {
    version: '1',
    pool: 'default',
    state: 'ready',
    host: 'h',
    pid: 1,
    admin: 'http://h:1',
    startedAt: null,
  };
  return { id, role, ...where, health: { level, reasons: [] } };
}

describe('the page About', () => {
  it('has those that need a person first, then by role and number', () => {
    const all = [
      process('worker-10', 'worker', 'ok'),
      process('worker-2', 'worker', 'ok'),
      process('api-1', 'api', 'ok'),
      process('worker-3', 'worker', 'warn'),
      process('worker-4', 'worker', 'bad'),
    ];
    assert.deepEqual(
      inOrder(all).map(({ id }) => id),
      ['worker-4', 'worker-3', 'api-1', 'worker-2', 'worker-10'],
    );
  });

  it('says how the registry is', () => {
    const nothing = { round: null, since: null, server: null, sessions: null, nodes: null };
    const away = registryWords({ available: false, reason: 'connection refused', recovering: null, ...nothing });
    assert.equal(away.state, 'away');
    assert.match(away.text, /connection refused/);
    assert.equal(registryWords({ available: true, reason: null, recovering: true, ...nothing }).state, 'recovering');
    assert.equal(registryWords({ available: true, reason: null, recovering: false, ...nothing }).state, 'available');
  });

  it('leads to the place where an id would be, without one', () => {
    for (const [template, href] of [
      ['https://logs.example/', 'https://logs.example/'],
      ['https://logs.example/a/b', 'https://logs.example/a/b'],
      ['https://logs.example/find?q={session}', 'https://logs.example/'],
      ['https://logs.example/s/{session}/view', 'https://logs.example/s/'],
      ['https://logs.example/s/x-{session}', 'https://logs.example/s/'],
      ['https://logs.example?q={session}', 'https://logs.example'],
    ] as const) {
      assert.equal(withoutIds(template), href);
    }
    assert.deepEqual(externalLinks({ logs: null, traces: null, dashboards: null }), []);
    assert.equal(
      externalLinks({ logs: 'https://l.example/{session}', traces: null, dashboards: null })[0]?.title,
      'Logs',
    );
  });
});
