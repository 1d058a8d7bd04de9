import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ClusterNode } from '@culvert/contracts';
import { directBlocker as blocker, cordonedNode as node } from '../testing/drain-fixtures.ts';
import { type StubApi, startStubApi } from '../testing/stub-api.ts';

describe('culvert nodes drain, and blockers', () => {
  const calls: string[] = [];
  /** What `GET /nodes/w1` answers, one after the other; the last one for ever. */
  let looks: Partial<ClusterNode>[] = [];
  let stub: StubApi;

  before(async () => {
    stub = await startStubApi(async (request: IncomingMessage, response) => {
      calls.push(`${request.method} ${request.url} ${await text(request)}`.trimEnd());
      const answer = request.url?.endsWith('/blockers')
        ? { items: [blocker], next: null }
        : { ...node, ...(request.method === 'GET' && ((looks.length > 1 ? looks.shift() : looks[0]) ?? {})) };
      response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  beforeEach(() => {
    calls.length = 0;
  });
  after(() => stub[Symbol.asyncDispose]());

  const culvert = (...args: string[]) => stub.culvert('nodes', ...args);

  it('follows until the worker is empty, and says what it waits for', async () => {
    looks = [
      { state: 'draining', sessions: 1, connections: 1 },
      { state: 'empty', sessions: 0, connections: 0 },
    ];
    const { code, stdout, stderr } = await culvert('drain', 'w1', '--watch');
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(stdout.split('\n'), [
      'w1 takes no new sessions; moving 3 sessions to other workers, connections and all',
      'w1 is draining: 1 session and 1 connection left; waits for ci → app:443 (direct)',
      'w1 is empty',
      '',
    ]);
    assert.deepEqual(calls, [
      'POST /v1/nodes/w1/drain {"policy":"move"}',
      ...['GET /v1/nodes/w1', 'GET /v1/nodes/w1/blockers', 'GET /v1/nodes/w1'],
    ]);
  });

  it('is exit code 1 when the time is up, with the blockers', async () => {
    looks = [{ state: 'draining' }];
    const { code, stdout, stderr } = await culvert('drain', 'w1', '--policy', 'wait', '--timeout', '1s');
    assert.equal(code, 1);
    assert.match(stdout, /^SESSION +NAME +TENANT .*\ns_1 +ci +acme +c_1 +app:443 +direct .* Its browser closes it\.$/m);
    assert.equal(stdout.match(/is draining/g)?.length, 1, 'a line that says nothing new');
    assert.match(stderr, /w1 is not empty after 1s: 3 sessions and 7 connections left \(timeout\)\nFix: /);
    assert.equal(calls[0], 'POST /v1/nodes/w1/drain {"policy":"wait"}');
  });

  it('answers programs with one line', async () => {
    looks = [{ state: 'draining' }, { state: 'empty', sessions: 0 }];
    const empty = await culvert('drain', 'w1', '--json');
    assert.equal(empty.code, 0);
    assert.deepEqual(JSON.parse(empty.stdout), {
      ...node,
      state: 'empty',
      sessions: 0,
      outcome: 'empty',
      blockers: [],
    });
    looks = [{ state: 'draining' }];
    const late = await culvert('drain', 'w1', '--json', '--timeout', '1s');
    assert.equal(late.code, 1);
    assert.deepEqual(JSON.parse(late.stdout), { ...node, state: 'draining', outcome: 'late', blockers: [blocker] });
  });

  it('only begins it with --no-wait', async () => {
    const { code, stdout } = await culvert('drain', 'w1', '--no-wait');
    assert.deepEqual([code, stdout.split('\n').length, calls.length], [0, 2, 1]);
    const json = await culvert('drain', 'w1', '--no-wait', '--json');
    assert.deepEqual(JSON.parse(json.stdout), node);
  });

  it('refuses flags that make no sense, and then drains nothing', async () => {
    for (const flags of [
      ['--watch', '--no-wait'],
      ['--policy', 'kill'],
      ['--timeout', 'soon'],
      ['--timeout', '0s'],
    ]) {
      assert.equal((await culvert('drain', 'w1', ...flags)).code, 2, flags.join(' '));
    }
    assert.deepEqual(calls, []);
  });

  it('lists the blockers', async () => {
    const shown = await culvert('blockers', 'w1');
    assert.match(shown.stdout, /s_1 .* app:443 .* direct /);
    const json = await culvert('blockers', 'w1', '--json');
    assert.deepEqual(JSON.parse(json.stdout), { items: [blocker], next: null });
  });
});
