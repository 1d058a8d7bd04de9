import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { CulvertError } from '@culvert/base';
import { type ApiReply, EventLog, problem, sessionAnswer, startFakeApi } from '../test/fakes.ts';
import { MiniWorker } from '../test/mini-worker.ts';
import { collect, startTarget } from '../test/target.ts';
import { connectAgent } from './client.ts';
import type { AgentOptions } from './options.ts';
import { AgentEnded } from './outcomes.ts';
import { SOFTWARE } from './software.ts';

// Real WebSockets, real frames, real targets; only the API is a stand-in.

let target: Awaited<ReturnType<typeof startTarget>>;
let port: number;
before(async () => {
  target = await startTarget();
  port = target.port;
});
after(() => target.close());

let worker: MiniWorker;
let other: MiniWorker;
let api: Awaited<ReturnType<typeof startFakeApi>>;
let placeOn: MiniWorker;
let reply: (path: string) => ApiReply;
beforeEach(async () => {
  worker = await new MiniWorker('w1').start();
  other = await new MiniWorker('w2').start();
  placeOn = worker;
  reply = () => sessionAnswer('s_mini', { url: placeOn.url, ticket: 'ticket', node: placeOn.nodeId });
  api = await startFakeApi(({ path }) => reply(path));
});
afterEach(async () => {
  await target.empty();
  await Promise.all([worker.close(), other.close(), api.close()]);
});

const start = (options: Partial<AgentOptions> = {}) => {
  const log = new EventLog();
  const agent = connectAgent({
    api: api.url,
    key: 'k_1',
    allow: ['app.internal'],
    hosts: { 'app.internal': '127.0.0.1' },
    onEvent: log.listener,
    ...options,
  });
  return { agent, log };
};

/** What the agent sent to the API last. */
const lastCall = () => {
  const call = api.calls.at(-1);
  assert(call);
  return call.body as Record<string, unknown>; // the agent sends objects only
};

test('serves a connection there and back, with half-close, and counts it', async () => {
  const { agent, log } = start();
  const session = await agent.ready;
  assert.equal(session.proxy, 'http://s_mini:secret@127.0.0.1:9999');
  assert.deepEqual(worker.tickets, ['Bearer ticket']);
  const stream = await worker.open('App.Internal.', port);
  stream.end('hello');
  assert.equal(await collect(stream), 'got hello');
  const closed = await log.next('connection.close');
  assert.deepEqual([closed.target, closed.bytesToTarget, closed.bytesFromTarget], [`App.Internal.:${port}`, 5, 9]);
  assert.deepEqual([closed.closedBy, closed.reason], ['edge', 'end']);
  assert.deepEqual(agent.counts, { open: 0, dialing: 0, opened: 1, refused: 0 });
  await agent.close();
  assert.deepEqual(log.events.at(-1), { event: 'closed', outcome: 'stopped' });
});

test('a denied target is a refusal with the rule in it', async () => {
  const { agent } = start({ deny: ['*:22'] });
  await agent.ready;
  await assert.rejects(worker.open('app.internal', 22), {
    code: 'target_denied',
    message: 'app.internal:22: denied by --deny *:22',
  });
  await assert.rejects(worker.open('169.254.169.254', 80), { code: 'target_denied' });
  await agent.close();
});

test('close lets a connection finish, refuses new ones meanwhile', async () => {
  const { agent, log } = start();
  await agent.ready;
  const stream = await worker.open('app.internal', port);
  await log.next('connection.open');
  const closing = agent.close({ deadlineMs: 60_000 });
  await assert.rejects(worker.open('app.internal', port), { code: 'shutting_down' });
  stream.end('last words');
  assert.equal(await collect(stream), 'got last words');
  await closing;
  assert.deepEqual(await agent.ended, { outcome: 'stopped' });
});

test('past the deadline connections are reset; a second close brings the deadline forward', async () => {
  const { agent, log } = start();
  await agent.ready;
  const stream = await worker.open('app.internal', port);
  const failed = once(stream, 'error');
  await log.next('connection.open');
  const patient = agent.close({ deadlineMs: 600_000 });
  await agent.close({ deadlineMs: 0 });
  await patient;
  await failed;
  const closed = await log.next('connection.close');
  assert.deepEqual([closed.closedBy, closed.reason], ['agent', 'shutting_down']);
});

test('a broken link is replaced by one to another worker, and the session goes on', async () => {
  const { agent, log } = start();
  await agent.ready;
  other.epoch = worker.epoch;
  placeOn = other;
  const arrived = other.arrival();
  worker.breakLinks();
  const down = await log.next('link.down');
  assert.equal(down.code, 'link_lost');
  await arrived;
  const up = await log.next('link.up');
  assert.deepEqual([up.node, up.epoch], ['w2', 2]);
  const [opened, placed] = api.calls.map(({ body }) => body as Record<string, unknown>); // what the agent sent
  assert(opened && placed);
  assert.deepEqual(placed, { lastEpoch: 1, exclude: ['w1'], agentId: opened.agentId });
  const stream = await other.open('app.internal', port);
  stream.end('again');
  assert.equal(await collect(stream), 'got again');
  await agent.close();
});

test('a connection outlives its worker: resumed over the next one, to the last byte, told and counted', async () => {
  const { agent, log } = start();
  await agent.ready;
  const stream = await worker.open('app.internal', port);
  stream.write('before, ');
  await log.next('connection.open');
  other.epoch = worker.epoch;
  placeOn = other;
  const arrived = other.arrival();
  worker.breakLinks();
  const end = await worker.detached();
  stream.write('meanwhile, ');
  const detached = await log.next('connection.detach');
  assert.equal(detached.target, `app.internal:${port}`);
  await arrived;
  await other.resume(end);
  const resumed = await log.next('connection.resume');
  assert.equal(resumed.connectionId, detached.connectionId);
  stream.end('after');
  assert.equal(await collect(stream), 'got before, meanwhile, after');
  const closed = await log.next('connection.close');
  assert.deepEqual([closed.closedBy, closed.reason], ['edge', 'end']);
  assert.deepEqual(agent.counts, { open: 0, dialing: 0, opened: 1, refused: 0 });
  await agent.close();
});

test('a connection that nobody comes back for ends with its window', async () => {
  const { agent, log } = start({ resumeWindowMs: 50 });
  await agent.ready;
  const stream = await worker.open('app.internal', port);
  stream.on('error', () => undefined); // the edge gives up by a clock of its own
  await log.next('connection.open');
  placeOn = other;
  other.epoch = worker.epoch;
  worker.breakLinks();
  const closed = await log.next('connection.close');
  assert.deepEqual([closed.closedBy, closed.reason], ['agent', 'resume_expired']);
  await agent.close();
  (await worker.detached()).breakOff('resume_expired', 'this test is over');
});

test('a worker that asks to leave says where to: the connections move there, and nothing else is opened here', async () => {
  const { agent, log } = start();
  await agent.ready;
  const stream = await worker.open('app.internal', port);
  other.epoch = worker.epoch;
  placeOn = other;
  worker.askToLeave({ target: 'w2', delayMs: 0 });
  const up = await log.next('link.up').then(() => log.next('link.up'));
  assert.equal(up.node, 'w2');
  assert.equal(lastCall().prefer, 'w2');
  await other.resume(await worker.detached());
  const { replayedBytes } = await log.next('connection.resume');
  assert.equal(replayedBytes, 0, 'the target has said nothing yet');
  stream.end('moved');
  assert.equal(await collect(stream), 'got moved');
  assert.equal(agent.linked, true);
  await agent.close();
});

test('with two links the second worker takes over, without a dial', async () => {
  other.standsBy = true;
  reply = (path) => {
    const on = path.endsWith('placements') ? other : worker;
    return sessionAnswer('s_mini', { url: on.url, ticket: 'ticket', node: on.nodeId });
  };
  const { agent, log } = start({ links: 2 });
  await agent.ready;
  const stream = await worker.open('app.internal', port);
  await log.next('standby.up');
  assert.equal(lastCall().standby, true);
  worker.breakLinks();
  const up = await log.next('link.down').then(() => log.next('link.up'));
  assert.deepEqual([up.node, up.epoch], ['w2', 2]);
  assert.equal(other.tickets.length, 1);
  await other.resume(await worker.detached());
  stream.end('on');
  assert.equal(await collect(stream), 'got on');
  await agent.close();
});

test('superseded is the end, with the reason; so is a refused key, and ready says so', async () => {
  const { agent } = start();
  await agent.ready;
  worker.endLink({ code: 'superseded', message: 'a newer agent has this session', final: true });
  assert.deepEqual(await agent.ended, {
    outcome: 'session_ended',
    code: 'superseded',
    message: 'a newer agent has this session',
  });

  reply = () => problem(401, 'key_revoked');
  const refused = start().agent;
  await assert.rejects(refused.ready, (error) => {
    assert(error instanceof AgentEnded);
    assert.equal(error.end.outcome, 'key_refused');
    return true;
  });
});

test('a final refusal at the worker ends it too; another one is tried again', async () => {
  worker.refuseWith = { error: new CulvertError('ticket_expired', 'too late'), final: false };
  const { agent, log } = start();
  assert.equal((await log.next('retrying')).code, 'ticket_expired');
  worker.refuseWith = { error: new CulvertError('key_revoked', 'revoked'), final: true };
  assert.deepEqual(await agent.ended, { outcome: 'key_refused', code: 'key_revoked', message: 'revoked' });
});

test('an agent that starts before its cluster says so, and connects once it is there', async () => {
  const away: ApiReply = { status: 503, headers: { 'content-type': 'text/plain' } };
  const there = reply;
  reply = () => away;
  const { agent, log } = start();
  const retrying = await log.next('retrying');
  assert.equal(retrying.message, `the API at ${api.url}/ answered 503`);
  reply = there;
  await agent.ready;
  await agent.close();
});

test('a signal closes the agent, also one that was aborted before; await using does', async () => {
  const controller = new AbortController();
  const { agent } = start({ signal: controller.signal });
  await agent.ready;
  controller.abort();
  assert.deepEqual(await agent.ended, { outcome: 'stopped' });
  assert.deepEqual(await start({ signal: AbortSignal.abort() }).agent.ended, { outcome: 'stopped' });
  let ended: Promise<unknown>;
  {
    await using used = start().agent;
    ended = used.ended;
    await used.ready;
  }
  assert.deepEqual(await ended, { outcome: 'stopped' });
});

test('what is wrong with the options is told at once, by name', () => {
  for (const [options, why] of [
    [{ api: 'ftp://x' }, /API address "ftp:\/\/x"/],
    [{ key: '' }, /the key is empty/],
    [{ allow: ['a b'] }, /the rule "a b" is wrong/],
    [{ hosts: { 'a.test': 'nowhere' } }, /"nowhere", for a.test, is no address/],
    [{ hosts: { '127.1': '10.0.0.1' } }, /"127.1" in hosts is no name/],
    [{ dialDeadlineMs: 0 }, /dialDeadlineMs must be/],
    [{ resumeWindowMs: 0.5 }, /resumeWindowMs must be/],
    [{ links: 3 }, /links must be 1 or 2, not 3/],
  ] as const) {
    assert.throws(() => start(options), why);
  }
});

test('a listener that throws harms nobody', async () => {
  const { agent } = start({
    onEvent: () => {
      throw new Error('listener');
    },
  });
  await agent.ready;
  await agent.close();
});

test('the name that workers see carries the version of the package', async () => {
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
  assert.equal(SOFTWARE, `culvert-agent/${manifest.version}`);
});

test('an object may answer in place of the API', async () => {
  const asked: string[] = [];
  const link = { url: worker.url, ticket: 'ticket', node: worker.nodeId, expiresAtMs: 0 };
  const own = {
    url: 'this process',
    openSession: async ({ agentId }: { agentId: string }) => {
      asked.push(agentId);
      const proxy = { url: 'http://127.0.0.1:9999', username: 's_mini', password: 'secret', pac: 'http://pac' };
      return { id: 's_mini', link, proxy };
    },
    place: async () => link,
  };
  const { agent } = start({ api: own, key: '' });
  assert.equal((await agent.ready).proxy, 'http://s_mini:secret@127.0.0.1:9999');
  assert.deepEqual([asked.length, api.calls.length], [1, 0]);
  await agent.close();
});
