import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import type { Clock } from '@culvert/base';
import { RetiringServer } from './retiring-server.ts';

/** Answers with its name; `/slow` when the test lets it; CONNECT with a tunnel that echoes. */
async function serve(t: TestContext, name: string, port = 0, clock?: Clock) {
  const slow = Promise.withResolvers<void>();
  const server: Server = createServer(async (incoming, response) => {
    if (incoming.url === '/slow') await slow.promise;
    response.end(name);
  });
  server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(socket);
  });
  const retiring = new RetiringServer(server, clock);
  const reusePort = process.platform === 'linux';
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port, reusePort }, resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { retiring, slow, server, port: (server.address() as AddressInfo).port };
}

async function get(port: number, agent: Agent | false, path = '/') {
  const asked = request({ host: '127.0.0.1', port, path, agent: agent as Agent });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { from: await text(answer), connection: answer.headers.connection };
}

async function tunnel(t: TestContext, port: number) {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write('CONNECT app:443 HTTP/1.1\r\nhost: app\r\n\r\n');
  await once(socket, 'data');
  const echo = async (said: string) => {
    socket.write(said);
    return String((await once(socket, 'data'))[0]);
  };
  return { socket, echo };
}

const never = new AbortController().signal;

/** Time that stands still; `fire` lets all pauses end. */
function stopped(): Clock & { fire(): void } {
  const timers = new Set<() => void>();
  return {
    now: () => 0,
    monotonic: () => 0,
    after: (_ms, run) => {
      timers.add(run);
      return () => timers.delete(run);
    },
    fire: () => {
      for (const run of [...timers]) run();
    },
  };
}

const linuxOnly = { skip: process.platform !== 'linux' && 'two processes on one port: Linux only' };

describe('a server that leaves its port to another one', { timeout: 20_000 }, () => {
  it('has every request answered by one of the two, whoever comes while it goes', linuxOnly, async (t) => {
    const old = await serve(t, 'old');
    const next = await serve(t, 'next', old.port);
    const answered = { old: 0, next: 0 };
    const ask = async (): Promise<void> => {
      const { from } = await get(old.port, false);
      answered[from as 'old' | 'next'] += 1;
      // As a client of another process would: not in the very turn in which the server looks for the last time.
      await new Promise((resolve) => setTimeout(resolve, 1));
    };
    while (answered.old < 20) await ask();
    let over = false;
    const retired = old.retiring.retire(never).then(() => {
      over = true;
    });
    while (!over) await ask();
    await retired;
    assert.deepEqual([old.retiring.connections, old.server.listening, next.server.listening], [0, false, true]);
    const before = answered.old;
    for (let i = 0; i < 20; i += 1) await ask();
    assert.equal(answered.old, before);
    assert.ok(answered.next >= 20);
  });

  it('ends connections with their next answer, which says so; also one that is being given', async (t) => {
    const old = await serve(t, 'old', 0, stopped());
    const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })] as const;
    t.after(() => agents.forEach((agent) => void agent.destroy()));
    for (const agent of agents) assert.equal((await get(old.port, agent)).connection, 'keep-alive');
    const running = get(old.port, agents[0], '/slow');
    await once(old.server, 'request');
    const retired = old.retiring.retire(never);
    while (old.server.listening) await new Promise(setImmediate);
    assert.deepEqual(await get(old.port, agents[1]), { from: 'old', connection: 'close' });
    assert.equal(old.retiring.connections, 1);
    old.slow.resolve();
    assert.deepEqual(await running, { from: 'old', connection: 'close' });
    await retired;
    assert.equal(old.retiring.connections, 0);
  });

  it('leaves idle connections the time to be used, then closes them', async (t) => {
    const clock = stopped();
    const old = await serve(t, 'old', 0, clock);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await get(old.port, agent);
    const retired = old.retiring.retire(never);
    while (old.server.listening) await new Promise(setImmediate);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    assert.equal(old.retiring.connections, 1);
    clock.fire();
    await retired;
    assert.equal(old.retiring.connections, 0);
  });

  it('lets tunnels go on, until they end or the deadline has come', async (t) => {
    const clock = stopped();
    const old = await serve(t, 'old', 0, clock);
    const [ends, stays] = [await tunnel(t, old.port), await tunnel(t, old.port)];
    const deadline = new AbortController();
    const retired = old.retiring.retire(deadline.signal);
    while (old.server.listening) await new Promise(setImmediate);
    clock.fire();
    assert.deepEqual([await ends.echo('a'), await stays.echo('b')], ['a', 'b']);
    ends.socket.destroy();
    while (old.retiring.connections === 2) await new Promise(setImmediate);
    assert.equal(await stays.echo('c'), 'c');
    const closed = once(stays.socket, 'close');
    deadline.abort();
    await Promise.all([retired, closed]);
  });

  it('with nothing to do is empty at once, also with a deadline that is over', async (t) => {
    const old = await serve(t, 'old');
    await old.retiring.retire(AbortSignal.abort());
    assert.equal(old.server.listening, false);
  });
});
