import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionAskBody, SessionMove } from '@culvert/contracts';
import { standInWorker, TestApi } from './testing/start-api.ts';

const connection = {
  ...{ id: 'c_1', target: 'app:80', kind: 'connect', openedAt: '2026-01-01T00:00:00.000Z' },
  ...{ lastByteAt: null, bytesIn: 1, bytesOut: 2, attached: true },
};
const between = { ...connection, id: 'c_2', attached: false };
const about = {
  ...{ id: 's_1', tenant: 'acme', name: null, state: 'moving', epoch: 1, labels: {} },
  connectedAt: '2026-01-01T00:00:00.000Z',
};

type Kind = SessionAskBody['question']['kind'];

/** A worker that answers so to each question, and nothing to any other; with what it was asked. */
async function actorOf(answers: Partial<Record<Kind, object>>) {
  const asked: SessionAskBody[] = [];
  const body = (sent: string): object => {
    const ask: SessionAskBody = JSON.parse(sent);
    asked.push(ask);
    return answers[ask.question.kind] ?? {};
  };
  const worker = await standInWorker({ 'POST /sessions/s_1/ask': { status: 200, body } });
  return Object.assign(worker, { questions: asked });
}

/** An API whose registry has one session, `s_1` of `acme`, on worker `w1`, and another one, `w2`. */
async function withSession(admin: string) {
  const api = await TestApi.start();
  await api.tenant('acme');
  await api.node('w2');
  const node = await api.node('w1', { admin });
  await api.claim(node, 's_1', 'acme');
  return Object.assign(api, { w1: node, epoch: (await api.registry.getSession('s_1'))?.epoch ?? 0 });
}

const busy = { outcome: 'busy', connections: 1 };
const done = { outcome: 'done' };

describe('a session, asked through the API', { timeout: 30_000 }, () => {
  it('shows its connections, and is closed while busy by force only, as its owner says', async () => {
    const session = { ...about, connections: [connection, between] };
    await using worker = await actorOf({ describe: { ...done, session }, close_if_idle: busy, close: done });
    await using api = await withSession(worker.admin);
    const items = [connection, between];
    assert.deepEqual((await api.ask('GET', '/v1/sessions/s_1/connections')).body, { items, next: null });
    const refused = await api.ask('DELETE', '/v1/sessions/s_1');
    assert.deepEqual([refused.status, refused.body.code], [409, 'session_busy']);
    assert.equal((await api.ask('DELETE', '/v1/sessions/s_1?force=true')).status, 204);
    for (const { epoch, notAfterMs } of worker.questions) {
      assert.equal(epoch, api.epoch);
      assert.ok(notAfterMs !== undefined, "the deadline is told on Redis's clock");
    }
  });

  it('whose owner does not answer, or not well, is no error of the caller', async () => {
    await using worker = await actorOf({});
    await using api = await withSession(worker.admin);
    for (const [method, path] of [
      ['DELETE', ''],
      ['GET', '/connections'],
      ['POST', '/move'],
    ] as const) {
      const failed = await api.ask(method, `/v1/sessions/s_1${path}`);
      assert.deepEqual([failed.status, failed.body.code], [502, 'node_unreachable'], path);
      assert.ok(Number(failed.headers.get('retry-after')) > 0);
    }
    await api.claim(api.w1, 's_hangs', 'acme');
    const hanging = await api.ask('DELETE', '/v1/sessions/s_hangs');
    assert.deepEqual([hanging.status, hanging.body.code], [502, 'node_unreachable']);
  });

  it('that is between two workers is offline for now; one that nobody owns is closed, and has no connections', async () => {
    const gone = { outcome: 'wrong_owner' };
    await using worker = await actorOf({ describe: gone, close_if_idle: gone, move: gone });
    await using api = await withSession(worker.admin);
    const paths = [
      ['DELETE', ''],
      ['GET', '/connections'],
      ['POST', '/move'],
    ] as const;
    for (const [method, path] of paths) {
      const refused = await api.ask(method, `/v1/sessions/s_1${path}`);
      assert.deepEqual([refused.status, refused.body.code], [503, 'session_offline'], path);
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
    }
    await api.registry.leave(api.w1);
    const statuses = [];
    for (const [method, path] of paths) statuses.push((await api.ask(method, `/v1/sessions/s_1${path}`)).status);
    assert.deepEqual(statuses, [204, 200, 503]);
  });

  describe('POST /v1/sessions/:id/move', () => {
    it('tells its agent where to go, under the epoch that was seen', async () => {
      await using worker = await actorOf({ move: { ...done, to: null } });
      await using api = await withSession(worker.admin);
      const operator = await api.tenant('ops', 'operator');
      const move = (body?: object) =>
        api.ask<SessionMove>('POST', '/v1/sessions/s_1/move', { key: operator, ...(body && { body }) });
      const begun = { session: 's_1', node: 'w1', epoch: api.epoch };
      for (const [sent, to] of [
        [undefined, null],
        [{}, null],
        [{ to: null }, null],
        [{ to: 'w2' }, 'w2'],
      ] as const) {
        const answer = await move(sent);
        assert.deepEqual([answer.status, answer.body], [202, { ...begun, to }]);
        const { question, epoch } = worker.questions.at(-1) ?? assert.fail();
        assert.deepEqual([question, epoch], [{ kind: 'move', to }, api.epoch]);
      }
    });

    it('is for operators only', async () => {
      await using worker = await actorOf({ move: done });
      await using api = await withSession(worker.admin);
      const key = await api.tenant('acme2');
      const refused = await api.ask('POST', '/v1/sessions/s_1/move', { key });
      assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
      assert.deepEqual(worker.questions, []);
    });

    it('does nothing to a session that has a newer owner meanwhile', async () => {
      await using worker = await actorOf({ move: { outcome: 'fenced', epoch: 9 } });
      await using api = await withSession(worker.admin);
      const fenced = await api.ask('POST', '/v1/sessions/s_1/move');
      assert.deepEqual([fenced.status, fenced.body.code], [409, 'fenced']);
      assert.match(String(fenced.body.detail), /under epoch 9/);
    });

    it('does not follow a session that moves while it is asked', async () => {
      await using worker = await standInWorker({
        'POST /sessions/s_1/ask': {
          status: 200,
          body: { outcome: 'wrong_owner' },
          before: () => api.claim({ ...w3, id: 'w3' }, 's_1', 'acme'),
        },
      });
      await using api = await withSession(worker.admin);
      const w3 = await api.node('w3');
      const moved = await api.ask('POST', '/v1/sessions/s_1/move');
      assert.deepEqual([moved.status, moved.body.code], [409, 'fenced']);
      assert.match(String(moved.body.detail), /moved to w3/);
    });

    it('refuses a worker that can not take it, and asks nobody', async () => {
      await using worker = await actorOf({ move: done });
      await using api = await withSession(worker.admin);
      await api.node('g1', { role: 'gateway' });
      await api.node('w_else', { pool: 'dedicated' });
      await api.node('w_cordoned');
      await api.registry.setCordoned('w_cordoned', true);
      for (const [to, status, code] of [
        ['w1', 400, 'invalid_request'],
        ['g1', 400, 'invalid_request'],
        ['w_else', 400, 'invalid_request'],
        ['w_cordoned', 503, 'no_worker_available'],
        ['w_none', 404, 'node_not_found'],
        ['../w2', 400, 'invalid_request'],
      ] as const) {
        const refused = await api.ask('POST', '/v1/sessions/s_1/move', { body: { to } });
        assert.deepEqual([refused.status, refused.body.code], [status, code], to);
      }
      assert.deepEqual(worker.questions, []);
    });
  });
});
