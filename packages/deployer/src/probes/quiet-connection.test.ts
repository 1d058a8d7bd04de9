import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Targets } from '../verify/targets.ts';
import { QuietConnection, type QuietEnd } from './quiet-connection.ts';

/** A proxy that joins CONNECT to the echo of the canary's targets; `between` may hold up or break off what it carries. */
async function setUp() {
  const targets = await Targets.start();
  const joined: { browser: Socket; target: Socket }[] = [];
  const server = createServer();
  server.on('connect', (_request, browser: Socket) => {
    const target = connect(targets.echoPort, '127.0.0.1', () => {
      browser.write('HTTP/1.1 200 OK\r\n\r\n');
      browser.pipe(target).pipe(browser);
    });
    for (const socket of [browser, target]) socket.on('error', () => socket.destroy());
    joined.push({ browser, target });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ends: QuietEnd[] = [];
  const { port } = server.address() as AddressInfo;
  const way = { node: 'g1', proxy: `http://127.0.0.1:${port}`, username: 's', password: 'p' };
  const options = { signal: new AbortController().signal, ended: (how: QuietEnd) => void ends.push(how) };
  const connection = await QuietConnection.open(way, 'echo:7', options);
  const [pair] = joined;
  assert.ok(pair);
  return {
    ...{ connection, ends, ...pair },
    async [Symbol.asyncDispose]() {
      connection.leave();
      for (const { browser, target } of joined) for (const socket of [browser, target]) socket.destroy();
      server.close();
      await targets.close();
    },
  };
}

const hasCode = (code: string) => (error: { code?: string }) => error.code === code;

describe('a connection that is kept', { timeout: 20_000 }, () => {
  it('goes to and fro, again and again', async () => {
    await using world = await setUp();
    for (let i = 0; i < 3; i += 1) await world.connection.beat(5_000);
    assert.deepEqual(world.ends, []);
    world.connection.leave();
    assert.deepEqual(world.ends, ['left'], 'told once');
    await assert.rejects(world.connection.beat(5_000), hasCode('aborted'));
  });

  it('that says nothing for a while is not lost: what was sent is still waited for', async () => {
    await using world = await setUp();
    world.target.unpipe(world.browser).pause();
    await assert.rejects(world.connection.beat(30), hasCode('timeout'));
    assert.equal(world.connection.over, false);
    world.target.pipe(world.browser);
    await world.connection.beat(5_000);
    assert.deepEqual(world.ends, []);
  });

  it('is lost when it ends by itself, also while it is waited for', async () => {
    await using world = await setUp();
    world.target.unpipe(world.browser).pause();
    const beating = assert.rejects(world.connection.beat(5_000), hasCode('aborted'));
    world.browser.resetAndDestroy();
    await beating;
    assert.deepEqual(world.ends, ['lost']);
  });

  it('is lost when something else comes back', async () => {
    await using world = await setUp();
    await world.connection.beat(5_000);
    world.target.unpipe(world.browser).pause();
    const beating = assert.rejects(world.connection.beat(5_000), hasCode('aborted'));
    world.browser.write('something else');
    await beating;
    assert.deepEqual(world.ends, ['lost']);
  });
});
