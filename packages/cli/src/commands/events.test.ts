import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { ClusterEvent } from '@culvert/contracts';
import { type StubApi, startStubApi } from '../testing/stub-api.ts';

const at = '2026-01-01T00:00:00.000Z';
const opened = (id: string, session: string): ClusterEvent => ({
  ...{ id, at, type: 'session.opened', session, tenant: 'acme', node: 'w1', boot: 'b1', epoch: 7 },
});
const frame = (event: ClusterEvent) => `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const page =
  (items: readonly ClusterEvent[], next: string | null = null): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, next }));
  };
const stream =
  (text: string): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(text);
  };
const revoked: Answer = (_request, response) => {
  response.writeHead(401, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ code: 'key_revoked', detail: 'The API key was revoked.' }));
};

describe('culvert events', { timeout: 30_000 }, () => {
  const calls: string[] = [];
  let answers: Answer[] = [];
  let stub: StubApi;

  before(async () => {
    stub = await startStubApi((request, response) => {
      const { 'last-event-id': place } = request.headers;
      calls.push(`${decodeURIComponent(request.url ?? '')}${place === undefined ? '' : ` after ${place}`}`);
      answers.shift()?.(request, response);
    });
  });
  beforeEach(() => {
    calls.length = 0;
  });
  after(() => stub[Symbol.asyncDispose]());

  const culvert = (replies: Answer[], ...args: string[]) => {
    answers = replies;
    return stub.culvert('events', ...args);
  };

  it('shows the last ones, the newest last, from as many pages as it takes', async () => {
    const { code, stdout } = await culvert(
      [page([opened('3-0', 's_3')], '2-5'), page([opened('2-0', 's_2')])],
      ...['--limit', '2', '--types', 'session.*', '--node', 'w1'],
    );
    assert.equal(code, 0);
    assert.deepEqual(stdout.split('\n'), [
      `${at}  session.opened       s_2 of acme opened on w1 (epoch 7)`,
      `${at}  session.opened       s_3 of acme opened on w1 (epoch 7)`,
      '',
    ]);
    assert.deepEqual(calls, [
      '/v1/events?node=w1&types=session.*&order=desc&format=json&limit=2',
      '/v1/events?node=w1&types=session.*&order=desc&format=json&limit=1&before=2-5',
    ]);
  });

  it('shows all since an event, one a line for programs', async () => {
    const events = [opened('2-0', 's_2'), opened('3-0', 's_3')] as const;
    const { stdout } = await culvert([page([events[0]], '2-0'), page([events[1]])], '--since', '1-0', '--json');
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      events,
    );
    assert.deepEqual(calls, [
      '/v1/events?after=1-0&format=json&limit=500',
      '/v1/events?after=2-0&format=json&limit=500',
    ]);
  });

  it('follows, over streams that break, until the API refuses', async () => {
    const gap = 'event: gap\ndata: {"after":"2-0","oldest":"5-0"}\n\n';
    const { code, stdout, stderr } = await culvert(
      [
        page([opened('1-0', 's_1')]),
        stream(`retry: 2000\nid: 1-0\n\n: keep-alive\n\n${frame(opened('2-0', 's_2'))}id: 2-7\n\n`),
        stream(`${gap}${frame(opened('6-0', 's_6'))}id: 7-`), // cut off in the middle of a block
        revoked,
      ],
      '--follow',
    );
    assert.equal(code, 1);
    assert.match(stderr, /broke .*\n.*broke .*\nculvert: The API key was revoked\. \(key_revoked\)\n$/);
    assert.deepEqual(
      stdout.split('\n').map((line) => /s_\d|…\D+2-0\D+5-0/.exec(line)?.[0].replaceAll(/\D+/g, ' ')),
      [' 1', ' 2', ' 2 0 5 0', ' 6', undefined],
    );
    assert.deepEqual(
      calls.slice(1),
      ['1-0', '2-7', '6-0'].map((place) => `/v1/events? after ${place}`),
    );
  });

  it('follows from a time on, and takes a younger cluster for no loss', async () => {
    const sinceGap: Answer = (request, response) => {
      const gap = { after: request.headers['last-event-id'], oldest: '5-0' };
      stream(`event: gap\ndata: ${JSON.stringify(gap)}\n\n${frame(opened('6-0', 's_6'))}`)(request, response);
    };
    const begun = Date.now() - 600_000;
    const { stdout } = await culvert([sinceGap, revoked], '--since', '10m', '--follow');
    assert.deepEqual([stdout.split('\n').length, /s_6/.test(stdout)], [2, true]);
    const place = Number(/after (\d+)-0$/.exec(calls[0] ?? '')?.[1]);
    assert.ok(place >= begun && place < begun + 10_000);
  });

  it('begins before all that comes when there is nothing yet', async () => {
    await culvert([page([]), revoked], '-f');
    assert.equal(calls[1], '/v1/events? after 0-0');
    await culvert([revoked], '-f', '--limit', '0');
    assert.equal(calls.at(-1), '/v1/events?');
  });

  it('shows what it does not know as it is, and no control characters', async () => {
    const fields = { deployment: 'd_1', note: 'red\u001b[31m\n' };
    const { stdout } = await culvert([page([{ id: '1-0', at, type: 'unknown', name: 'deployment.started', fields }])]);
    assert.equal(stdout, `${at}  deployment.started   deployment=d_1 note=red·[31m·\n`);
  });

  it('says at once that the API does not answer, and what is no flag', async () => {
    const wrong = await culvert([], '--since', 'yesterday');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--since/);
    assert.equal((await culvert([], '--limit', 'all')).code, 2);
    const refuse: Answer = (request) => request.socket.destroy();
    const away = await culvert([refuse], '--follow', '--limit', '0');
    assert.deepEqual([away.code, /does not answer/.test(away.stderr)], [1, true]);
  });
});
