import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type StubApi, startStubApi } from '../testing/stub-api.ts';

interface Look {
  readonly node?: string | null;
  readonly epoch?: number;
  readonly state?: string;
  /** Refused with this code instead. */
  readonly code?: string;
}

const here: Look = { node: 'w1', epoch: 7, state: 'busy' };
const there: Look = { node: 'w2', epoch: 8, state: 'busy' };

describe('culvert sessions move', { timeout: 60_000 }, () => {
  const calls: string[] = [];
  /** What `GET /sessions/s_1` answers, one after the other; the last one for ever. */
  let looks: Look[] = [];
  let stub: StubApi;

  before(async () => {
    stub = await startStubApi(async (request: IncomingMessage, response) => {
      const body = await text(request);
      calls.push(`${request.method} ${request.url} ${body}`.trimEnd());
      const moves = request.method === 'POST';
      const look = (looks.length > 1 && !moves ? looks.shift() : looks[0]) ?? {};
      const refused = !moves && look.code !== undefined;
      const { to = null } = moves ? JSON.parse(body) : {};
      const answer = moves ? { session: 's_1', node: 'w1', epoch: 7, to } : look;
      response.writeHead(refused ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  beforeEach(() => {
    calls.length = 0;
  });
  after(() => stub[Symbol.asyncDispose]());

  const move = (...args: string[]) => stub.culvert('sessions', 'move', 's_1', ...args);

  it('follows the session until another worker serves it', async () => {
    const before = { ...here, node: 'w0', epoch: 5 }; // of a registry that has lost what came after
    looks = [here, before, { ...here, epoch: 8 }, { ...there, state: 'offline' }, { node: null, epoch: 9 }, there];
    const { code, stdout, stderr } = await move('--to', 'w2');
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(stdout.split('\n'), [
      's_1 is told to leave w1 for w2, and served there until it has',
      's_1 is on w2 now',
      '',
    ]);
    const followed = Array<string>(6).fill('GET /v1/sessions/s_1');
    assert.deepEqual(calls, ['POST /v1/sessions/s_1/move {"to":"w2"}', ...followed]);
  });

  it('says where it went when that is another worker than it was sent to', async () => {
    looks = [{ ...there, node: 'w3' }];
    assert.match((await move('--to', 'w2')).stdout, /s_1 is on w3 now, not w2, which did not take it\n/);
    assert.match((await move()).stdout, /for another worker.*\ns_1 is on w3 now\n/);
    assert.equal(calls.at(-2), 'POST /v1/sessions/s_1/move {}');
  });

  it('goes on over what passes', async () => {
    looks = [{ code: 'registry_unavailable' }, { code: 'recovering' }, { code: 'node_unreachable' }, there];
    assert.equal((await move()).code, 0);
    assert.equal(calls.length, 5);
  });

  it('is exit code 1 when the time is up, the session is closed, or the key does not do any more', async () => {
    looks = [{ code: 'recovering' }, here];
    const late = await move('--timeout', '1s');
    assert.equal(late.code, 1);
    assert.match(late.stderr, /s_1 has not left w1 after 1s \(timeout\)\nFix: It is served as before/);
    looks = [{ code: 'recovering' }];
    assert.match((await move('--timeout', '1s')).stderr, /after 1s; of late, nothing could be seen: .* \(timeout\)/);
    looks = [here, { code: 'session_not_found' }];
    const closed = await move();
    assert.equal(closed.code, 1);
    assert.match(closed.stderr, /s_1 was closed before it had moved \(session_not_found\)/);
    looks = [here, { code: 'key_revoked' }];
    const revoked = await move();
    assert.equal(revoked.code, 1);
    assert.match(revoked.stderr, /\(key_revoked\)/);
  });

  it('answers programs with one line, and only begins it with --no-wait', async () => {
    looks = [there];
    const begun = { session: 's_1', node: 'w1', epoch: 7, to: 'w2' };
    const moved = await move('--to', 'w2', '--json');
    assert.deepEqual(JSON.parse(moved.stdout), { ...begun, outcome: 'moved', movedTo: 'w2' });
    calls.length = 0;
    assert.deepEqual(JSON.parse((await move('--to', 'w2', '--no-wait', '--json')).stdout), begun);
    assert.deepEqual(calls.length, 1);
  });

  it('refuses a timeout that is none, and then moves nothing', async () => {
    assert.equal((await move('--timeout', 'soon')).code, 2);
    assert.deepEqual(calls, []);
  });
});
