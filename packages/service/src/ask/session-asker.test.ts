import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { SessionAskBody } from '@culvert/contracts';
import { type FindOwner, SessionAsker, type SessionOwner } from './session-asker.ts';
import { WorkerClient } from './worker-client.ts';

type Reply = Record<string, unknown> | 'nothing' | number;

/** A worker that answers these, in order, the last one for ever; and an owner there, under an epoch. */
async function worker(id: string, ...replies: Reply[]) {
  const asked: SessionAskBody[] = [];
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push((await json(request)) as SessionAskBody);
    paths.push(`${request.method} ${request.url}`);
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (reply === 'nothing') return;
    const isStatus = typeof reply === 'number';
    response.writeHead(isStatus ? reply : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isStatus ? { code: 'internal' } : reply));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const admin = `http://127.0.0.1:${address.port}`;
  return {
    asked,
    paths,
    owns: (epoch: number): SessionOwner => ({ node: id, admin, epoch }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An asker whose directory answers these, in order, the last one for ever. */
function asking(owners: (SessionOwner | undefined)[], redisMs?: number) {
  const looks: boolean[] = [];
  const findOwner: FindOwner = async (_id, { refresh }) => {
    looks.push(refresh);
    return owners.length > 1 ? owners.shift() : owners[0];
  };
  const workers = new WorkerClient({ key: 'k' });
  return { looks, asker: new SessionAsker({ workers, findOwner, redisNow: () => redisMs, random: () => 0 }) };
}

const close = { kind: 'close' } as const;
const done = { outcome: 'done' };
const wrongOwner = { outcome: 'wrong_owner' };

describe('asking a session by its id', { timeout: 10_000 }, () => {
  it('asks its owner, once, with the epoch that was found and a deadline on both clocks', async () => {
    await using w1 = await worker('w1', done);
    const { asker, looks } = asking([w1.owns(7)], 1_000_000);
    assert.deepEqual(await asker.ask('s_1', close, { deadlineMs: 500 }), done);
    assert.deepEqual([looks, w1.paths], [[false], ['POST /sessions/s_1/ask']]);
    const { question, epoch, withinMs, notAfterMs } = w1.asked[0] ?? assert.fail();
    assert.deepEqual([question, epoch], [close, 7]);
    assert.ok(withinMs > 300 && withinMs <= 500, `${withinMs} ms`);
    assert.equal(notAfterMs, 1_000_000 + withinMs);
  });

  it("has only the time from now while Redis's clock is not known", async () => {
    await using w1 = await worker('w1', done);
    const { asker } = asking([w1.owns(7)]);
    await asker.ask('s_1', close);
    assert.equal(w1.asked[0] && 'notAfterMs' in w1.asked[0], false);
  });

  it('brings what the owner says', async () => {
    const about = { id: 's_1', tenant: 'acme', name: null, state: 'idle', epoch: 7, labels: {}, connections: [] };
    const session = { ...about, connectedAt: '2026-01-01T00:00:00.000Z' };
    await using w1 = await worker(
      'w1',
      { ...done, session },
      { outcome: 'busy', connections: 2 },
      { ...done, to: 'w2' },
    );
    const { asker } = asking([w1.owns(7)]);
    assert.deepEqual(await asker.ask('s_1', { kind: 'describe' }), { ...done, session });
    assert.deepEqual(await asker.ask('s_1', { kind: 'close_if_idle' }), { outcome: 'busy', connections: 2 });
    assert.deepEqual(await asker.ask('s_1', { kind: 'move', to: 'w2' }), { ...done, to: 'w2' });
  });

  it('tells who should serve a session that nobody serves', async () => {
    await using w1 = await worker('w1', { outcome: 'offline' });
    const move = { kind: 'move', to: null } as const;
    assert.deepEqual(await asking([w1.owns(7)]).asker.ask('s_1', move), { outcome: 'offline', node: 'w1' });
    assert.deepEqual(await asking([undefined]).asker.ask('s_1', move), { outcome: 'offline', node: null });
  });

  for (const refusal of [wrongOwner, { outcome: 'fenced', epoch: 8 }]) {
    it(`follows a session that has moved on (${refusal.outcome})`, async () => {
      await using w1 = await worker('w1', refusal);
      await using w2 = await worker('w2', done);
      const { asker, looks } = asking([w1.owns(7), w2.owns(8)]);
      assert.deepEqual(await asker.ask('s_1', close), done);
      assert.deepEqual(looks, [false, true]);
      assert.deepEqual([w1.asked[0]?.epoch, w2.asked[0]?.epoch], [7, 8]);
    });
  }

  it('follows twice at most', async () => {
    await using w1 = await worker('w1', wrongOwner);
    const { asker, looks } = asking([w1.owns(7)]);
    assert.deepEqual(await asker.ask('s_1', close), { outcome: 'offline', node: 'w1' });
    assert.deepEqual([looks, w1.asked.length], [[false, true, true], 3]);
  });

  it('finds nobody where it was sent: the session was closed meanwhile', async () => {
    await using w1 = await worker('w1', wrongOwner);
    assert.deepEqual(await asking([w1.owns(7), undefined]).asker.ask('s_1', close), { outcome: 'offline', node: null });
  });

  describe('for one ownership only', () => {
    it('is fenced, and asks nobody, when the session has a newer epoch', async () => {
      await using w1 = await worker('w1', done);
      const { asker } = asking([w1.owns(8)]);
      assert.deepEqual(await asker.ask('s_1', close, { epoch: 7 }), { outcome: 'fenced', epoch: 8 });
      assert.equal(w1.asked.length, 0);
    });

    it('is fenced when its owner knows of a newer epoch', async () => {
      await using w1 = await worker('w1', { outcome: 'fenced', epoch: 8 }, done);
      const { asker } = asking([w1.owns(7)]);
      assert.deepEqual(await asker.ask('s_1', close, { epoch: 7 }), { outcome: 'fenced', epoch: 8 });
    });

    it('has moved when the session went to somebody else while it was asked', async () => {
      await using w1 = await worker('w1', wrongOwner);
      await using w2 = await worker('w2', done);
      const { asker } = asking([w1.owns(7), w2.owns(8)]);
      assert.deepEqual(await asker.ask('s_1', close, { epoch: 7 }), { outcome: 'moved', epoch: 8, node: 'w2' });
      assert.equal(w2.asked.length, 0);
    });

    it('looks again when what is remembered is older than what is meant', async () => {
      await using w1 = await worker('w1', done);
      await using w2 = await worker('w2', done);
      const { asker, looks } = asking([w1.owns(6), w2.owns(7)]);
      assert.deepEqual(await asker.ask('s_1', close, { epoch: 7 }), done);
      assert.deepEqual([looks, w1.asked.length], [[false, true], 0]);
    });

    it('that the directory does not know yet is asked for where the session is', async () => {
      await using w1 = await worker('w1', done);
      const { asker } = asking([w1.owns(6)]);
      assert.deepEqual(await asker.ask('s_1', close, { epoch: 7 }), done);
      assert.equal(w1.asked[0]?.epoch, 7);
    });

    it('is not asked of the next owner when this one does not answer', async () => {
      await using w2 = await worker('w2', done);
      const { asker } = asking([await nobody(), w2.owns(7)]);
      assert.partialDeepStrictEqual(await asker.ask('s_1', close, { epoch: 7 }), {
        outcome: 'unreachable',
        node: 'w0',
      });
      assert.equal(w2.asked.length, 0);
    });
  });

  it('is unreachable when its owner does not answer in time', async () => {
    await using w1 = await worker('w1', 'nothing');
    const before = performance.now();
    const answer = await asking([w1.owns(7)]).asker.ask('s_1', close, { deadlineMs: 100 });
    assert.partialDeepStrictEqual(answer, { outcome: 'unreachable', node: 'w1' });
    assert.ok(performance.now() - before < 2_000);
  });

  it('looks once more when its owner is gone, and is unreachable if that is who owns it still', async () => {
    const gone = await nobody();
    const { asker, looks } = asking([gone]);
    assert.partialDeepStrictEqual(await asker.ask('s_1', close), { outcome: 'unreachable', node: 'w0' });
    assert.deepEqual(looks, [false, true]);
    await using w2 = await worker('w2', done, wrongOwner);
    assert.deepEqual(await asking([gone, w2.owns(8)]).asker.ask('s_1', close), done);
    // The first one may have done it: to say that nobody did would be wrong.
    const unsure = await asking([gone, w2.owns(8)]).asker.ask('s_1', close);
    assert.partialDeepStrictEqual(unsure, { outcome: 'unreachable', node: 'w0' });
  });

  it('is late, and asks nobody, when the directory takes all the time there is', async () => {
    await using w1 = await worker('w1', done);
    const answers: ((owner: SessionOwner) => void)[] = [];
    const findOwner: FindOwner = () => new Promise((resolve) => void answers.push(resolve));
    const workers = new WorkerClient({ key: 'k' });
    const asker = new SessionAsker({ workers, findOwner, redisNow: () => 1 });
    assert.deepEqual(await asker.ask('s_1', close, { deadlineMs: 20 }), { outcome: 'late' });
    for (const answer of answers) answer(w1.owns(7)); // comes after all, to nobody
    await new Promise(setImmediate);
    assert.deepEqual([answers.length, w1.asked.length], [1, 0]);
  });

  it('is late when its owner says so', async () => {
    await using w1 = await worker('w1', { outcome: 'late' }, done);
    assert.deepEqual(await asking([w1.owns(7)]).asker.ask('s_1', close), { outcome: 'late' });
  });

  it('rejects only when the directory cannot be asked, or the owner finds a fault', async () => {
    const findOwner: FindOwner = () => Promise.reject(new CulvertError('recovering'));
    const workers = new WorkerClient({ key: 'k' });
    const asker = new SessionAsker({ workers, findOwner, redisNow: () => 1 });
    await assert.rejects(asker.ask('s_1', close), { code: 'recovering' });
    await using w1 = await worker('w1', 500);
    await assert.rejects(asking([w1.owns(7)]).asker.ask('s_1', close), { code: 'internal' });
  });
});

/** An owner at whose address nothing listens any more. */
async function nobody(): Promise<SessionOwner> {
  await using gone = await worker('w0', done);
  return gone.owns(7);
}
