import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { silentLogger } from '@culvert/base';
import { splice } from '@culvert/link';
import { EventLog, FakePending, ManualClock } from '../test/fakes.ts';
import { closedPort, startTarget } from '../test/target.ts';
import { Connections, type ConnectionsOptions } from './connections.ts';
import { Policy } from './policy.ts';
import { type Lookup, NameResolver, parseHosts } from './resolve.ts';

let target: Awaited<ReturnType<typeof startTarget>>;
let port: number;
before(async () => {
  target = await startTarget();
  port = target.port;
});
after(async () => {
  await target.empty();
  await target.close();
});

function setup(
  rules: { allow?: string[]; deny?: string[]; hosts?: Record<string, string>; lookup?: Lookup },
  limits: Partial<ConnectionsOptions> = {},
) {
  const log = new EventLog();
  const lookup =
    rules.lookup ?? (async (name: string) => Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' })));
  const connections = new Connections({
    policy: new Policy({ allow: rules.allow ?? [], deny: rules.deny ?? [] }),
    resolver: new NameResolver({ hosts: parseHosts(rules.hosts ?? {}), lookup }),
    dialDeadlineMs: 5_000,
    maxDials: 10,
    maxConnections: 10,
    splice,
    logger: silentLogger,
    clock: new ManualClock(),
    emit: log.listener,
    ...limits,
  });
  const refused = async (host: string, toPort = port) => {
    const pending = new FakePending({ host, port: toPort });
    await connections.serve(pending);
    return pending.answer.promise;
  };
  return { connections, refused, log };
}

const hang: Lookup = () => new Promise(() => undefined);

test('every way to be refused is an answer with its code and clear words', async () => {
  const lookup: Lookup = async (name) => {
    if (name === 'empty.test') return [];
    if (name === 'meta.test') return ['169.254.169.254'];
    throw Object.assign(new Error('no'), { code: name === 'later.test' ? 'EAI_AGAIN' : 'ENOTFOUND' });
  };
  const { refused, connections } = setup({ deny: ['*:22', '10.0.0.0/8'], lookup });
  assert.deepEqual(await refused('db.test', 22), {
    code: 'target_denied',
    message: 'db.test:22: denied by --deny *:22',
  });
  assert.deepEqual(await refused('10.1.1.1'), {
    code: 'target_denied',
    message: `10.1.1.1:${port}: denied by --deny 10.0.0.0/8`,
  });
  assert.deepEqual(await refused('meta.test', 80), {
    code: 'target_denied',
    message: 'meta.test:80 (169.254.169.254): link-local is denied unless allowed: --allow meta.test:80',
  });
  assert.deepEqual(await refused('nope.test'), {
    code: 'target_unreachable',
    message: 'nope.test does not resolve (ENOTFOUND)',
  });
  assert.deepEqual(await refused('later.test'), {
    code: 'target_unreachable',
    message: 'later.test could not be looked up now (EAI_AGAIN)',
  });
  assert.deepEqual(await refused('empty.test'), { code: 'target_unreachable', message: 'empty.test has no address' });
  const malformed = await refused('a b');
  assert(malformed !== 'accepted' && malformed.code === 'bad_request');
  assert.deepEqual(connections.counts, { open: 0, dialing: 0, opened: 0, refused: 7 });
});

test('a closed port is target_unreachable, through a name of --host that a rule names', async () => {
  const nobody = await closedPort();
  const { refused } = setup({ allow: ['app.internal'], hosts: { 'App.Internal': '127.0.0.1' } });
  assert.deepEqual(await refused('app.internal', nobody), {
    code: 'target_unreachable',
    message: `127.0.0.1:${nobody} refused the connection (ECONNREFUSED)`,
  });
});

test('a name of --host that points at loopback is denied unless a rule names it', async () => {
  const { refused } = setup({ hosts: { 'app.internal': '127.0.0.1' } });
  assert.deepEqual(await refused('app.internal'), {
    code: 'target_denied',
    message: `app.internal:${port} (127.0.0.1): loopback is denied unless allowed: --allow app.internal:${port}`,
  });
});

test('a name without a rule is denied before it is looked up', async () => {
  const asked: string[] = [];
  const lookup: Lookup = async (name) => {
    asked.push(name);
    return ['10.0.0.1'];
  };
  const { refused } = setup({ allow: ['*.corp.example'], lookup });
  assert.deepEqual(await refused('secret-exfiltration.test', 80), {
    code: 'target_denied',
    message: 'secret-exfiltration.test:80: no --allow rule matches',
  });
  assert.deepEqual(asked, []);
});

test('rebinding: only the addresses that were checked are dialed, looked up once', async () => {
  let asked = 0;
  const lookup: Lookup = async () => {
    asked += 1;
    return asked === 1 ? ['169.254.0.1', '10.0.0.1'] : ['127.0.0.1'];
  };
  const { refused } = setup({ deny: ['10.0.0.0/8'], lookup });
  const answer = await refused('rebind.test');
  assert(answer !== 'accepted');
  assert.equal(answer.code, 'target_denied');
  assert.match(answer.message, /link-local is denied/);
  assert.equal(asked, 1);
});

test('a lookup that hangs ends at the dial deadline, and does not hold up others', async () => {
  const lookup: Lookup = (name) => (name === 'hang.test' ? hang(name) : Promise.resolve(['10.0.0.1']));
  const { refused } = setup({ lookup, deny: ['10.0.0.1'] }, { dialDeadlineMs: 30 });
  const hanging = refused('hang.test', 80);
  assert.match(JSON.stringify(await refused('other.test')), /target_denied/);
  assert.deepEqual(await hanging, {
    code: 'target_timeout',
    message: 'dialing hang.test:80 did not finish within 30 ms',
  });
});

test('lookups of one name at one time are one lookup', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<string[]>();
  const { refused } = setup({
    deny: ['10.0.0.0/8'],
    lookup: () => {
      asked += 1;
      return answer.promise;
    },
  });
  const all = [refused('a.test'), refused('A.test'), refused('a.test.')];
  answer.resolve(['10.0.0.1']);
  await Promise.all(all);
  assert.equal(asked, 1);
  await refused('a.test');
  assert.equal(asked, 2, 'an answer is not kept');
});

test('more dials or connections than the limits are refused at once', async () => {
  const dials = setup({ lookup: hang }, { maxDials: 2, dialDeadlineMs: 100_000 });
  const waiting = [0, 1].map(() => new FakePending({ host: 'hang.test', port: 80 }));
  const served = waiting.map((pending) => dials.connections.serve(pending));
  assert.deepEqual(await dials.refused('hang.test'), {
    code: 'limit_exceeded',
    message: 'the agent dials 2 targets already',
  });
  for (const pending of waiting) pending.cancel();
  await Promise.all(served);
  assert.deepEqual(dials.connections.counts, { open: 0, dialing: 0, opened: 0, refused: 3 });

  const open = setup({ lookup: hang }, { maxConnections: 1, dialDeadlineMs: 100_000 });
  const first = new FakePending({ host: 'hang.test', port: 80 });
  const firstServed = open.connections.serve(first);
  assert.deepEqual(await open.refused('hang.test'), {
    code: 'limit_exceeded',
    message: 'the agent has 1 connections already',
  });
  first.cancel();
  await firstServed;
});

test('an edge that gives up ends the dial, and nothing is answered', async () => {
  const { connections, log } = setup({ lookup: hang }, { dialDeadlineMs: 100_000 });
  const pending = new FakePending({ host: 'hang.test', port: 80 });
  const served = connections.serve(pending);
  assert.equal(connections.counts.dialing, 1);
  pending.cancel();
  await served;
  const event = await log.next('connection.refused');
  assert.equal(event.code, 'cancelled');
  let answered = false;
  void pending.answer.promise.then(() => {
    answered = true;
  });
  await Promise.resolve();
  assert.equal(answered, false);
});

test('an accept that fails leaves no socket behind', async () => {
  const { connections } = setup({ allow: ['127.0.0.1'] });
  await connections.serve(new FakePending({ host: '127.0.0.1', port }));
  await connections.idle();
  assert.equal(connections.counts.open, 0);
});

test('once it stops, opens are refused with shutting_down; idle waits for what is left', async () => {
  const { connections, refused } = setup({ lookup: hang }, { dialDeadlineMs: 100_000 });
  const pending = new FakePending({ host: 'hang.test', port: 80 });
  const served = connections.serve(pending);
  connections.stopAccepting();
  assert.deepEqual(await refused('other.test'), { code: 'shutting_down', message: 'the agent is stopping' });
  let idle = false;
  const becomesIdle = connections.idle().then(() => {
    idle = true;
  });
  await Promise.resolve();
  assert.equal(idle, false);
  pending.cancel();
  await served;
  await becomesIdle;
});
